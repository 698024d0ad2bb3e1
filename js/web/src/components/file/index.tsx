/** Files, up and down. */

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
	const drop = (place: number) => () => {
		value.value = many ? files.filter((_, i) => i !== place) : null;
	};
	return (
		<>
			{files.map((file, place) => (
				<ChosenFile key={place} file={file} remove={drop(place)} />
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
			{all(value).map((file, place) => (
				<li key={place}>
					<Download file={file} />
				</li>
			))}
		</ul>
	);
}

const types = ["file", "uploadbutton", "downloadbutton"];
export default { types, input: Input, output: Output, initial: (field) => (several(field) ? [] : null) } satisfies Kind;
