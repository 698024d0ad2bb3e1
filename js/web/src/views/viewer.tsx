/** Pictures that fill the window, one at a time. The arrow keys, Home and End lead through them, Escape closes. */

import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../parts/button";
import { Icon } from "../parts/icon";
import type { AnyFile } from "../services/files";
import { nameOf, useFileUrl } from "./file";
import "./viewer.css";

export interface ViewedPicture {
	file: AnyFile;
	name: string;
}

interface Props {
	pictures: ViewedPicture[];
	/** Which is shown; undefined for none. */
	at: number | undefined;
	show: (at: number | undefined) => void;
}

export function Viewer({ pictures, at, show }: Props) {
	const dialog = useRef<HTMLDialogElement>(null);
	const picture = at === undefined ? undefined : pictures[at];
	const open = picture !== undefined;
	useEffect(() => {
		if (open) dialog.current?.showModal();
	}, [open]);
	// Not of the dialog: the button that has the focus goes away at the last picture.
	useEffect(() => {
		if (at === undefined) return;
		const onKeyDown = (event: KeyboardEvent) => {
			const places: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: pictures.length - 1 };
			const place = places[event.key];
			if (place === undefined || !pictures[place]) return;
			event.preventDefault();
			show(place);
		};
		addEventListener("keydown", onKeyDown);
		return () => removeEventListener("keydown", onKeyDown);
	}, [at, pictures.length]);
	if (!picture || at === undefined) return null;
	return (
		<dialog ref={dialog} class="viewer" aria-label={picture.name} onClose={() => show(undefined)}>
			<Shown picture={picture} place={pictures.length > 1 ? `${at + 1} of ${pictures.length}` : ""} close={() => dialog.current?.close()} />
			{pictures[at - 1] && <IconButton label="Previous picture" icon={ChevronLeft} size={20} class="before" onClick={() => show(at - 1)} />}
			{pictures[at + 1] && <IconButton label="Next picture" icon={ChevronRight} size={20} class="after" onClick={() => show(at + 1)} />}
		</dialog>
	);
}

function Shown({ picture, place, close }: { picture: ViewedPicture; place: string; close: () => void }) {
	const [whole, setWhole] = useState(true);
	const address = useFileUrl(picture.file);
	return (
		<>
			<header>
				<p>
					<span dir="auto">{picture.name}</span> <small aria-live="polite">{place}</small>
				</p>
				<IconButton label={whole ? "Full size" : "Fit the window"} icon={whole ? ZoomIn : ZoomOut} onClick={() => setWhole(!whole)} />
				<a class="button ghost icon-button" href={address ?? "#"} download={nameOf(picture.file)} aria-label="Download" data-tip="Download">
					<Icon of={Download} />
				</a>
				<IconButton label="Close" icon={X} onClick={close} />
			</header>
			<div class={`stage ${whole ? "whole" : ""}`} onClick={(event) => event.target === event.currentTarget && close()}>
				<img src={address} alt={picture.name} />
			</div>
		</>
	);
}
