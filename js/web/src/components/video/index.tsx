/** A video: a file or the camera. */

import type { InputProps, Kind, OutputActions, OutputProps } from "../kind";
import { type AnyFile, isFile, isFileData } from "../../services/files";
import { Capture } from "../../views/capture";
import { DropZone } from "../../views/dropzone";
import { ChosenFile } from "../../views/file";
import { VideoPlayer } from "../../views/media";

/** The file of a value. Gradio 4 and 5 wrap it in an object. */
function fileOf(value: unknown): AnyFile | undefined {
	const inner = (value as { video?: unknown } | null)?.video;
	return isFile(value) ? value : isFileData(inner) ? inner : undefined;
}

function Input({ field, value, id }: InputProps) {
	const file = fileOf(value.value);
	const take = (found: File | undefined) => {
		value.value = found ?? null;
	};
	if (file) {
		return (
			<>
				<VideoPlayer file={file} label={field.label} />
				<ChosenFile file={file} remove={() => take(undefined)} />
			</>
		);
	}
	return (
		<>
			<DropZone id={id} accept="video/*" take={([found]) => take(found)} what="A video" />
			<Capture what="video" take={take} />
		</>
	);
}

function Output({ field, value }: OutputProps) {
	const file = fileOf(value);
	if (!file) return <p class="empty">No video</p>;
	return (
		<VideoPlayer file={file} label={field.label} />
	);
}

function actions(value: unknown): OutputActions {
	const file = fileOf(value);
	return file ? { files: [file] } : {};
}

export default { types: ["video"], input: Input, output: Output, actions, initial: () => null } satisfies Kind;
