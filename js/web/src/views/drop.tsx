/** Where files are chosen: by a click, dropped, or pasted. */

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

interface Props {
	id: string;
	accept?: string;
	several?: boolean;
	disabled: boolean;
	take: (files: File[]) => void;
	/** What is said in it. */
	what: string;
	children?: ComponentChildren;
}

export function Drop({ id, accept, several = false, disabled, take, what, children }: Props) {
	const input = useRef<HTMLInputElement>(null);
	const [over, setOver] = useState(false);
	const taken = (list: FileList | undefined | null) => {
		const files = [...(list ?? [])].slice(0, several ? undefined : 1);
		if (files.length && !disabled) take(files);
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
				taken(event.dataTransfer?.files);
			}}
			onPaste={(event) => taken(event.clipboardData?.files)}
		>
			<input
				id={id}
				ref={input}
				type="file"
				class="unseen"
				accept={accept}
				multiple={several}
				disabled={disabled}
				onChange={(event) => {
					taken(event.currentTarget.files);
					event.currentTarget.value = "";
				}}
			/>
			<button type="button" class="drop-button" disabled={disabled} onClick={() => input.current?.click()}>
				{what}
				<small>Drop, paste, or click to choose</small>
			</button>
			{children}
		</div>
	);
}
