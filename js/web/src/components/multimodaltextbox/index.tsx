/** A text with files. */

import type { InputProps, Kind, OutputProps } from "../kind";
import { isFile } from "../../services/files";
import { DropZone } from "../../views/dropzone";
import { ChosenFile, Download } from "../../views/file";

interface Message {
	text: string;
	files: unknown[];
}

const messageOf = (value: unknown): Message => ({ text: "", files: [], ...(value as Partial<Message> | null) });

function Input({ field, value, id, submit }: InputProps) {
	const own = messageOf(value.value);
	return (
		<>
			<textarea
				id={id}
				rows={2}
				dir="auto"
				value={own.text}
				placeholder={String(field.props.placeholder ?? "")}
				onInput={(event) => {
					value.value = { ...own, text: event.currentTarget.value };
				}}
				onKeyDown={(event) => {
					if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
						event.preventDefault();
						if (!event.repeat) submit();
					}
				}}
			/>
			{own.files.filter(isFile).map((file, index) => (
				<ChosenFile
					key={index}
					file={file}
					remove={() => {
						value.value = { ...own, files: own.files.filter((one) => one !== file) };
					}}
				/>
			))}
			<DropZone
				id={`${id}-files`}
				multiple
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
			<div class="text-value" dir="auto">
				{own.text}
			</div>
			<ul class="files">
				{own.files.filter(isFile).map((file, index) => (
					<li key={index}>
						<Download file={file} />
					</li>
				))}
			</ul>
		</>
	);
}

export default { types: ["multimodaltextbox"], input: Input, output: Output, initial: () => ({ text: "", files: [] }) } satisfies Kind;
