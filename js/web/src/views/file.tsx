/** A file as the page shows it: its name, its size, a link or a button. */

import { useEffect, useMemo } from "preact/hooks";
import { fileUrl, isFileData, type AnyFile } from "../services/files";
import "./file.css";

export function nameOf(file: AnyFile): string {
	return file instanceof File ? file.name : (file.orig_name ?? file.path.split("/").pop() ?? "file");
}

export function sizeOf(file: AnyFile): string {
	return file.size === null || file.size === undefined ? "" : sizeText(file.size);
}

/** A number of bytes with its unit. */
export function sizeText(size: number): string {
	if (size < 1000) return `${size} B`;
	if (size < 1e6) return `${(size / 1e3).toFixed(1)} kB`;
	return size < 1e9 ? `${(size / 1e6).toFixed(1)} MB` : `${(size / 1e9).toFixed(1)} GB`;
}

/** The address to show a file by. That of a file which is not uploaded is valid while the view is mounted. */
export function useFileUrl(file: unknown): string | undefined {
	const local = useMemo(() => (file instanceof File ? URL.createObjectURL(file) : undefined), [file]);
	useEffect(() => () => (local === undefined ? undefined : URL.revokeObjectURL(local)), [local]);
	return local ?? (isFileData(file) ? fileUrl(file) : undefined);
}

/** The file's name as a link that downloads it. */
export function Download({ file }: { file: AnyFile }) {
	const address = useFileUrl(file);
	return (
		<a class="download" href={address ?? "#"} download={nameOf(file)}>
			<span>{nameOf(file)}</span> <small>{sizeOf(file)} ↓</small>
		</a>
	);
}

/** A file that was chosen for an input, with a button that removes it. */
export function ChosenFile({ file, remove }: { file: AnyFile; remove: () => void }) {
	return (
		<div class="chosen-file">
			<span>{nameOf(file)}</span> <small>{sizeOf(file)}</small>
			<button type="button" class="small" aria-label={`Remove ${nameOf(file)}`} onClick={remove}>
				×
			</button>
		</div>
	);
}
