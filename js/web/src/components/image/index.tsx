/** A picture: dropped, pasted, chosen or from the camera. */

import type { InputProps, Kind, OutputActions, OutputProps } from "../kind";
import { isFile } from "../../services/files";
import { Capture } from "../../views/capture";
import { DropZone } from "../../views/dropzone";
import { ChosenFile } from "../../views/file";
import { Picture } from "../../views/media";

function Input({ field, value, id }: InputProps) {
	const take = (file: File | undefined) => {
		value.value = file ?? null;
	};
	if (isFile(value.value)) {
		return (
			<>
				<Picture file={value.value} alt={field.label} />
				<ChosenFile file={value.value} remove={() => take(undefined)} />
			</>
		);
	}
	const sources = field.props.sources as string[] | undefined;
	return (
		<>
			<DropZone id={id} accept="image/*" take={([file]) => take(file)} what="A picture" />
			{(!sources || sources.includes("webcam")) && <Capture what="image" take={take} />}
		</>
	);
}

function Output({ field, value }: OutputProps) {
	if (!isFile(value)) return <p class="empty">No picture</p>;
	return (
		<Picture file={value} alt={field.label} />
	);
}

const actions = (value: unknown): OutputActions => (isFile(value) ? { files: [value] } : {});
export default { types: ["image"], input: Input, output: Output, actions, initial: () => null } satisfies Kind;
