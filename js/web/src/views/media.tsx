/** Pictures, sound and video, with a link to download them. */

import { useRef } from "preact/hooks";
import type { AnyFile } from "../services/files";
import { nameOf, useFileUrl } from "./file";
import "./media.css";

/** A picture. A click enlarges it. */
export function Picture({ file, alt }: { file: AnyFile; alt: string }) {
	const address = useFileUrl(file);
	const large = useRef<HTMLDialogElement>(null);
	return (
		<>
			<button type="button" class="picture" aria-label={`${alt}: enlarge`} onClick={() => large.current?.showModal()}>
				<img src={address} alt={alt} loading="lazy" />
			</button>
			<dialog ref={large} class="large" aria-label={alt} onClick={() => large.current?.close()}>
				<img src={address} alt={alt} />
			</dialog>
		</>
	);
}

export function AudioPlayer({ file, label }: { file: AnyFile; label: string }) {
	const address = useFileUrl(file);
	return <audio controls src={address} aria-label={`${label}: ${nameOf(file)}`} />;
}

export function VideoPlayer({ file, label }: { file: AnyFile; label: string }) {
	const address = useFileUrl(file);
	return <video controls playsInline src={address} aria-label={`${label}: ${nameOf(file)}`} />;
}
