/** Sound: a file or the microphone. Sound that is being made is played as it comes, where the browser can (HLS). */

import { isFileData, type InputProps, type Kind, type OutputProps } from "../kind";
import { Capture } from "../../views/capture";
import { Drop } from "../../views/drop";
import { isFile, Taken } from "../../views/file";
import { Kept, Sound } from "../../views/media";

function Input({ field, value, id, disabled }: InputProps) {
	const take = (file: File | undefined) => {
		value.value = file ?? null;
	};
	if (isFile(value.value)) {
		return (
			<>
				<Sound file={value.value} label={field.label} />
				<Taken file={value.value} drop={() => take(undefined)} disabled={disabled} />
			</>
		);
	}
	return (
		<>
			<Drop id={id} accept="audio/*" disabled={disabled} take={([file]) => take(file)} what="A sound" />
			<Capture what="audio" take={take} disabled={disabled} />
		</>
	);
}

const playsHls = () => document.createElement("audio").canPlayType("application/vnd.apple.mpegurl") !== "";

function Output({ field, value, running }: OutputProps) {
	if (!isFile(value)) return <p class="nothing">No sound</p>;
	if (isFileData(value) && value.is_stream && (running || value.path.endsWith(".m3u8")) && !playsHls()) {
		return <p class="nothing">Your browser plays it when it is whole.</p>;
	}
	return (
		<>
			<Sound file={value} label={field.label} />
			<Kept file={value} />
		</>
	);
}

export default { types: ["audio"], input: Input, output: Output, initial: () => null } satisfies Kind;
