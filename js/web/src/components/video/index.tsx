/** A video: a file or the camera. */

import { isFileData, type InputProps, type Kind, type OutputProps } from "../kind";
import { Capture } from "../../views/capture";
import { Drop } from "../../views/drop";
import { isFile, Taken, type AnyFile } from "../../views/file";
import { Film, Kept } from "../../views/media";

/** As Gradio 4 and 5 wrap it too. */
function fileOf(value: unknown): AnyFile | undefined {
	const inner = (value as { video?: unknown } | null)?.video;
	return isFile(value) ? value : isFileData(inner) ? inner : undefined;
}

function Input({ field, value, id, disabled }: InputProps) {
	const file = fileOf(value.value);
	const take = (found: File | undefined) => {
		value.value = found ?? null;
	};
	if (file) {
		return (
			<>
				<Film file={file} label={field.label} />
				<Taken file={file} drop={() => take(undefined)} disabled={disabled} />
			</>
		);
	}
	return (
		<>
			<Drop id={id} accept="video/*" disabled={disabled} take={([found]) => take(found)} what="A video" />
			<Capture what="video" take={take} disabled={disabled} />
		</>
	);
}

function Output({ field, value }: OutputProps) {
	const file = fileOf(value);
	if (!file) return <p class="nothing">No video</p>;
	return (
		<>
			<Film file={file} label={field.label} />
			<Kept file={file} />
		</>
	);
}

export default { types: ["video"], input: Input, output: Output, initial: () => null } satisfies Kind;
