/** A text with files. */

import type { InputProps, Kind, OutputProps } from "../kind";
import { Drop } from "../../views/drop";
import { Download, isFile, Taken } from "../../views/file";

interface Message {
	text: string;
	files: unknown[];
}

const messageOf = (value: unknown): Message => ({ text: "", files: [], ...(value as Partial<Message> | null) });

function Input({ field, value, id, disabled, submit }: InputProps) {
	const own = messageOf(value.value);
	return (
		<>
			<textarea
				id={id}
				rows={2}
				value={own.text}
				disabled={disabled}
				placeholder={String(field.props.placeholder ?? "")}
				onInput={(event) => {
					value.value = { ...own, text: event.currentTarget.value };
				}}
				onKeyDown={(event) => {
					if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
						event.preventDefault();
						submit();
					}
				}}
			/>
			{own.files.filter(isFile).map((file, place) => (
				<Taken
					key={place}
					file={file}
					disabled={disabled}
					drop={() => {
						value.value = { ...own, files: own.files.filter((one) => one !== file) };
					}}
				/>
			))}
			<Drop
				id={`${id}-files`}
				several
				disabled={disabled}
				what="Files"
				take={(files) => {
					value.value = { ...own, files: [...own.files, ...files] };
				}}
			/>
		</>
	);
}

function Output({ value }: OutputProps) {
	const own = messageOf(value);
	return (
		<>
			<div class="text-value">{own.text}</div>
			<ul class="files">
				{own.files.filter(isFile).map((file, place) => (
					<li key={place}>
						<Download file={file} />
					</li>
				))}
			</ul>
		</>
	);
}

export default { types: ["multimodaltextbox"], input: Input, output: Output, initial: () => ({ text: "", files: [] }) } satisfies Kind;
