/** Sound: a file or the microphone. A stream is played while it is made where the browser can play HLS. */

import type { InputProps, Kind, OutputActions, OutputProps } from "../kind";
import { isFile, isFileData } from "../../services/files";
import { Capture } from "../../views/capture";
import { DropZone } from "../../views/dropzone";
import { ChosenFile } from "../../views/file";
import { AudioPlayer } from "../../views/media";

function Input({ field, value, id }: InputProps) {
	const take = (file: File | undefined) => {
		value.value = file ?? null;
	};
	if (isFile(value.value)) {
		return (
			<>
				<AudioPlayer file={value.value} label={field.label} />
				<ChosenFile file={value.value} remove={() => take(undefined)} />
			</>
		);
	}
	return (
		<>
			<DropZone id={id} accept="audio/*" take={([file]) => take(file)} what="A sound" />
			<Capture what="audio" take={take} />
		</>
	);
}

const playsHls = () => document.createElement("audio").canPlayType("application/vnd.apple.mpegurl") !== "";

function Output({ field, value, running }: OutputProps) {
	if (!isFile(value)) return <p class="empty">No sound</p>;
	if (isFileData(value) && value.is_stream && (running || value.path.endsWith(".m3u8")) && !playsHls()) {
		return <p class="empty">The sound can be played when the call has ended.</p>;
	}
	return (
		<AudioPlayer file={value} label={field.label} />
	);
}

const actions = (value: unknown): OutputActions => (isFile(value) ? { files: [value] } : {});
export default { types: ["audio"], input: Input, output: Output, actions, initial: () => null } satisfies Kind;
