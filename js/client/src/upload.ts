/** Uploads the files of a call, several at once, before the call. */

import { responseError, ServerError, ValidationError } from "./errors.js";
import { content, FileData, filesIn, withFiles } from "./files.js";
import { events, type Transport } from "./transport.js";
import type { ProgressUnit } from "./types.js";

const TOLD = 1 << 20;

export interface Uploading {
	max_size: number | null | undefined;
	signal: AbortSignal;
	/** Called with the progress of large files. */
	progress: (units: ProgressUnit[]) => void;
}

/** Upload the files in a value, and name them in it by their paths on the server. */
export async function uploadAll(http: Transport, prefix: string, value: unknown, how: Uploading): Promise<unknown> {
	const files = filesIn(value);
	if (!files.length) return value;
	const units: ProgressUnit[] = [];
	const sent = await Promise.all(
		files.map(async (file) => {
			const [blob, name] = await content(file);
			if (how.max_size != null && blob.size > how.max_size) {
				throw new ValidationError(`${name} exceeds the maximum file size of ${how.max_size} bytes.`, {
					code: "too_large",
				});
			}
			const unit: ProgressUnit = { index: 0, length: blob.size, unit: "bytes", progress: null, desc: name };
			units.push(unit);
			const path = await upload(http, prefix, blob, name, how, (size) => {
				unit.index = Math.min(blob.size, (unit.index ?? 0) + size);
				how.progress(units.map((one) => ({ ...one })));
			});
			return new FileData({ path, orig_name: name, ...(blob.type && { mime_type: blob.type }) });
		}),
	);
	return withFiles(value, sent.values());
}

/** Upload one file; returns its path on the server. */
export async function upload(
	http: Transport,
	prefix: string,
	blob: Blob,
	name: string,
	how: Uploading,
	told?: (size: number) => void,
): Promise<string> {
	const form = new FormData();
	form.append("files", blob, name);
	const stop = new AbortController();
	const id = Math.random().toString(36).slice(2);
	const watched = told && blob.size > TOLD ? watch(http, prefix, id, told, stop.signal) : undefined;
	try {
		const init = { method: "POST", body: form, signal: how.signal };
		const answer = await http.send(`${prefix}upload${watched ? `?upload_id=${id}` : ""}`, init);
		if (!answer.ok) throw await responseError(answer, `The upload of ${name}`);
		const paths: unknown = await answer.json().catch(() => undefined);
		const path = Array.isArray(paths) ? paths[0] : undefined;
		if (typeof path !== "string") throw new ServerError(`The upload of ${name} was answered without a path.`);
		return path;
	} finally {
		stop.abort();
		await watched;
	}
}

async function watch(
	http: Transport,
	prefix: string,
	id: string,
	told: (size: number) => void,
	signal: AbortSignal,
): Promise<void> {
	try {
		const answer = await http.send(`${prefix}upload_progress?upload_id=${id}`, { signal });
		if (!answer.ok) return;
		for await (const piece of events(answer, signal)) {
			for (const event of piece) {
				const message = JSON.parse(event.data);
				if (message.msg === "update") told(message.chunk_size);
				else if (message.msg === "done") return;
			}
		}
	} catch {
		// it is only told; the upload itself says what went wrong
	}
}
