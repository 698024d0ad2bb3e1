/** Files to upload and to download. */

import type { Field, InputProps, Kind, OutputProps } from "../kind";
import { type AnyFile, isFile } from "../../services/files";
import { DropZone } from "../../views/dropzone";
import { ChosenFile, Download } from "../../views/file";

const several = (field: Field) => field.schema.type === "array";

function all(value: unknown): AnyFile[] {
	return (Array.isArray(value) ? value : [value]).filter(isFile);
}

function Input({ field, value, id }: InputProps) {
	const many = several(field);
	const files = all(value.value);
	const accept = (field.props.file_types as string[] | undefined)?.map((one) => (/^[a-z]+$/.test(one) ? `${one}/*` : one)).join(",");
	const take = (found: File[]) => {
		value.value = many ? [...files, ...found] : found[0];
	};
	const drop = (index: number) => () => {
		value.value = many ? files.filter((_, i) => i !== index) : null;
	};
	return (
		<>
			{files.map((file, index) => (
				<ChosenFile key={index} file={file} remove={drop(index)} />
			))}
			{(many || !files.length) && (
				<DropZone id={id} multiple={many} take={take} what={many ? "Files" : "A file"} {...(accept && { accept })} />
			)}
		</>
	);
}

function Output({ value }: OutputProps) {
	return (
		<ul class="files">
			{all(value).map((file, index) => (
				<li key={index}>
					<Download file={file} />
				</li>
			))}
		</ul>
	);
}

const types = ["file", "uploadbutton", "downloadbutton"];
export default { types, input: Input, output: Output, initial: (field) => (several(field) ? [] : null) } satisfies Kind;
