/** Pictures, sound and video. */

import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { AnyFile } from "../services/files";
import { nameOf, useFileUrl } from "./file";
import { Viewer } from "./viewer";
import type { Waveform } from "./waveform";
import "./media.css";

/** A picture. A click enlarges it; `enlarge` where it is one of several. */
export function Picture({ file, alt, enlarge }: { file: AnyFile; alt: string; enlarge?: () => void }) {
	const address = useFileUrl(file);
	const [at, setAt] = useState<number>();
	return (
		<>
			<button type="button" class="picture" aria-label={`${alt}: enlarge`} onClick={enlarge ?? (() => setAt(0))}>
				<img src={address} alt={alt} loading="lazy" />
			</button>
			{!enlarge && <Viewer pictures={[{ file, name: alt }]} at={at} show={setAt} />}
		</>
	);
}

/** `take` gets a part of the sound that the visitor keeps; without it the sound cannot be trimmed. */
export function AudioPlayer({ file, label, take }: { file: AnyFile; label: string; take?: (part: Blob) => void }) {
	const address = useFileUrl(file);
	const audio = useRef<HTMLAudioElement>(null);
	const [Form, setForm] = useState<ComponentType<Parameters<typeof Waveform>[0]>>();
	const [plain, setPlain] = useState<string>();
	const title = `${label}: ${nameOf(file)}`;
	const drawn = address !== undefined && !address.includes(".m3u8") && plain !== address;
	useEffect(() => {
		const fail = () => setPlain(address);
		if (drawn) void import("./waveform").then((found) => setForm(() => found.Waveform), fail);
	}, [drawn]);
	return (
		<div class="sound">
			<audio ref={audio} controls={!drawn} src={address} aria-label={title} />
			{drawn && (Form ? <Form address={address} audio={audio} label={label} title={title} take={take} fail={() => setPlain(address)} /> : <div class="waveform" />)}
		</div>
	);
}

/** The address of a moment after the start, where all browsers show the picture: Safari shows none at the start itself. */
const posted = (address: string | undefined) => (address && !address.includes(".m3u8") ? `${address}#t=0.001` : address);

/** Its first picture is there before it is played; its place is kept. */
export function VideoPlayer({ file, label }: { file: AnyFile; label: string }) {
	const address = useFileUrl(file);
	return <video controls playsInline preload="metadata" src={posted(address)} aria-label={`${label}: ${nameOf(file)}`} />;
}
