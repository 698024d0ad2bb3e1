/** Sound: a file or the microphone. A stream is played while it is made where the browser can play HLS. */

import { Undo2 } from "lucide";
import { useState } from "preact/hooks";
import { Button } from "../../parts/button";
import type { InputProps, Kind, OutputActions, OutputProps } from "../kind";
import { type AnyFile, isFile, isFileData } from "../../services/files";
import { Capture } from "../../views/capture";
import { DropZone } from "../../views/dropzone";
import { ChosenFile, nameOf } from "../../views/file";
import { AudioPlayer } from "../../views/media";

function Input({ field, value, id }: InputProps) {
	const [trimmed, setTrimmed] = useState<{ whole: AnyFile; part: File }>();
	const take = (file: AnyFile | undefined) => {
		value.value = file ?? null;
	};
	const file = value.value;
	if (isFile(file)) {
		const keep = (blob: Blob) => {
			const part = new File([blob], `${nameOf(file).replace(/\.[^.]*$/, "")}.wav`, { type: blob.type });
			setTrimmed({ whole: trimmed?.part === file ? trimmed.whole : file, part });
			take(part);
		};
		return (
			<>
				<AudioPlayer file={file} label={field.label} take={keep} />
				<ChosenFile file={file} remove={() => take(undefined)} />
				{trimmed?.part === file && (
					<Button small look="ghost" icon={Undo2} onClick={() => take(trimmed.whole)}>
						The whole sound
					</Button>
				)}
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
