/** Takes files: clicked, dropped, or pasted. */

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import "./dropzone.css";

interface Props {
	id: string;
	accept?: string;
	multiple?: boolean;
	take: (files: File[]) => void;
	/** What the visitor is asked for, as "A picture". */
	what: string;
	children?: ComponentChildren;
}

export function DropZone({ id, accept, multiple = false, take, what, children }: Props) {
	const input = useRef<HTMLInputElement>(null);
	const [over, setOver] = useState(false);
	const takeList = (list: FileList | undefined | null) => {
		const files = [...(list ?? [])].slice(0, multiple ? undefined : 1);
		if (files.length) take(files);
	};
	return (
		<div
			class={`drop ${over ? "over" : ""}`}
			onDragOver={(event) => {
				event.preventDefault();
				setOver(true);
			}}
			onDragLeave={() => setOver(false)}
			onDrop={(event) => {
				event.preventDefault();
				setOver(false);
				takeList(event.dataTransfer?.files);
			}}
			onPaste={(event) => takeList(event.clipboardData?.files)}
		>
			<input
				id={id}
				ref={input}
				type="file"
				class="visually-hidden"
				tabIndex={-1}
				accept={accept}
				multiple={multiple}
				onChange={(event) => {
					takeList(event.currentTarget.files);
					event.currentTarget.value = "";
				}}
			/>
			<button type="button" class="drop-button" onClick={() => input.current?.click()}>
				{what}
				<small>Drop, paste, or click to choose</small>
			</button>
			{children}
		</div>
	);
}
