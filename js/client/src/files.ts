/** Finds files inside of the arguments of a call, and reads them (gradio-wire §12). */

import { ValidationError } from "./errors.js";

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
	readonly path: string;

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
	if (/^https?:\/\//.test(text)) return new FileData({ path: text, url: text, orig_name: nameOf(text) });
	if (typeof file !== "string" || typeof globalThis.process?.versions?.node !== "string") {
		throw new ValidationError("handle_file takes a URL, Blob or bytes; in Node a path.", {
			code: "invalid_input",
		});
	}
	return new LocalFile(file);
}

declare global {
	var process: { versions?: { node?: string }; env?: Record<string, string | undefined> } | undefined;
}

/** All files in a value that have to be uploaded. */
export function filesIn(value: unknown): (Blob | LocalFile)[] {
	if (value instanceof Blob || value instanceof LocalFile) return [value];
	if (value instanceof Uint8Array) return [new Blob([value as BlobPart])];
	if (value === null || typeof value !== "object") return [];
	return Object.values(value).flatMap(filesIn);
}

/** Replace each of these files in a value, in the order of `filesIn`. */
export function withFiles(value: unknown, sent: Iterator<FileData>): unknown {
	if (value instanceof Blob || value instanceof LocalFile || value instanceof Uint8Array) return sent.next().value;
	if (value === null || typeof value !== "object" || value instanceof Date) return value;
	if (Array.isArray(value)) return value.map((one) => withFiles(one, sent));
	return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withFiles(one, sent)]));
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
