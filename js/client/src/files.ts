/** Files as arguments of a call (gradio-wire §12). */

import { ValidationError } from "./errors.js";
import { isUrl } from "./transport.js";

const META = { _type: "gradio.FileData" } as const;

/** A file in the form in which it is sent. */
export class FileData {
	declare path: string;
	declare url?: string;
	declare orig_name?: string;
	declare size?: number;
	declare is_stream?: boolean;
	declare mime_type?: string;
	declare alt_text?: string;
	meta = META;

	constructor(fields: Omit<Partial<FileData>, "meta"> & { path: string }) {
		Object.assign(this, fields);
	}
}

/** A file on this machine that is read when the call is made. */
export class LocalFile {
	declare readonly path: string;

	constructor(path: string) {
		this.path = path;
	}
}

/**
 * A file as an argument: a URL (the server fetches it), a path (Node), or what the program has in memory.
 *
 * Throws `ValidationError` for anything else, and for a path where there are none.
 */
export function handle_file(file: string | URL | Blob | Uint8Array | ArrayBuffer): FileData | LocalFile | Blob {
	if (file instanceof Blob) return file;
	if (file instanceof Uint8Array || file instanceof ArrayBuffer) return new Blob([file as BlobPart]);
	const text = String(file);
	if (isUrl(text)) return new FileData({ path: text, url: text, orig_name: nameOf(text) });
	if (typeof file !== "string" || !globalThis.process?.versions?.node) {
		throw new ValidationError("handle_file takes a URL, Blob or bytes, in Node a path.");
	}
	return new LocalFile(file);
}

declare global {
	var process: { versions?: { node?: string }; env?: Record<string, string | undefined> } | undefined;
}

/** A file among the arguments of a call: in JSON it is what it was sent as. */
export interface Upload {
	file: Blob | LocalFile;
	sent?: FileData;
	toJSON(): FileData | undefined;
}

/** The content and the name of a file. Throws `ValidationError` if it cannot be read. */
export async function content(file: Blob | LocalFile): Promise<[Blob, string]> {
	if (file instanceof Blob) return [file, (file as File).name || "file"];
	const node = "node:fs"; // not looked for by bundlers: there is none in a browser
	const { openAsBlob } = await import(/* @vite-ignore */ /* webpackIgnore: true */ node);
	try {
		return [await openAsBlob(file.path), nameOf(file.path)];
	} catch (cause) {
		throw new ValidationError(`The file ${file.path} cannot be read.`, { cause });
	}
}

function nameOf(path: string): string {
	const last = path.replace(/[?#].*$/, "").split(/[\\/]/).pop();
	return last || "file";
}
