/** Pictures, sound and video, with a way to keep them. */

import { useRef } from "preact/hooks";
import { Download, nameOf, useAddress, type AnyFile } from "./file";

/** A picture; a click shows it large. */
export function Picture({ file, alt }: { file: AnyFile; alt: string }) {
	const address = useAddress(file);
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

export function Sound({ file, label }: { file: AnyFile; label: string }) {
	const address = useAddress(file);
	return <audio controls src={address} aria-label={`${label}: ${nameOf(file)}`} />;
}

export function Film({ file, label }: { file: AnyFile; label: string }) {
	const address = useAddress(file);
	return <video controls playsInline src={address} aria-label={`${label}: ${nameOf(file)}`} />;
}

export function Kept({ file }: { file: AnyFile }) {
	return (
		<p class="kept">
			<Download file={file} />
		</p>
	);
}
