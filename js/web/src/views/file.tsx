/** What the page knows of a file, sent or not. */

import { useEffect, useMemo } from "preact/hooks";
import { isFileData, type FileData } from "../components/kind";

export type AnyFile = File | FileData;

/** Where the Space's files are, however this page was reached: set when it is open. */
export const files = { base: "" };

export function addressOf(file: FileData): string {
	const way = "/file=";
	const own = (file.url ?? "").indexOf(way);
	if (own >= 0) return `${files.base}file=${(file.url as string).slice(own + way.length)}`;
	if (file.url && /^(https?:|data:|blob:)/.test(file.url)) return file.url;
	return `${files.base}file=${file.path}`;
}

export function isFile(value: unknown): value is AnyFile {
	return value instanceof File || isFileData(value);
}

export function nameOf(file: AnyFile): string {
	return file instanceof File ? file.name : (file.orig_name ?? file.path.split("/").pop() ?? "file");
}

export function sizeOf(file: AnyFile): string {
	return file.size === null || file.size === undefined ? "" : sizeText(file.size);
}

/** Bytes for a reader. */
export function sizeText(size: number): string {
	if (size < 1000) return `${size} B`;
	return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

/** An address to show it by; of a file that is here one that lives as long as the view. */
export function useAddress(file: unknown): string | undefined {
	const own = useMemo(() => (file instanceof File ? URL.createObjectURL(file) : undefined), [file]);
	useEffect(() => () => (own === undefined ? undefined : URL.revokeObjectURL(own)), [own]);
	return own ?? (isFileData(file) ? addressOf(file) : undefined);
}

/** Its name as a link that downloads it. */
export function Download({ file }: { file: AnyFile }) {
	const address = useAddress(file);
	return (
		<a class="download" href={address ?? "#"} download={nameOf(file)}>
			<span>{nameOf(file)}</span> <small>{sizeOf(file)} ↓</small>
		</a>
	);
}

/** Its name, and a button that takes it away. */
export function Taken({ file, drop, disabled }: { file: AnyFile; drop: () => void; disabled: boolean }) {
	return (
		<div class="taken">
			<span>{nameOf(file)}</span> <small>{sizeOf(file)}</small>
			<button type="button" class="small" aria-label={`Remove ${nameOf(file)}`} onClick={drop} disabled={disabled}>
				×
			</button>
		</div>
	);
}
