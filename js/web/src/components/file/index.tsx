/** Files, up and down. */

import type { Field, InputProps, Kind, OutputProps } from "../kind";
import { Drop } from "../../views/drop";
import { Download, isFile, Taken, type AnyFile } from "../../views/file";

const several = (field: Field) => field.schema.type === "array";

function all(value: unknown): AnyFile[] {
	return (Array.isArray(value) ? value : [value]).filter(isFile);
}

function Input({ field, value, id, disabled }: InputProps) {
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
				<Taken key={place} file={file} drop={drop(place)} disabled={disabled} />
			))}
			{(many || !files.length) && (
				<Drop id={id} several={many} disabled={disabled} take={take} what={many ? "Files" : "A file"} {...(accept && { accept })} />
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
