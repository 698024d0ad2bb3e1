/** Uploads the files of a call, several at once, before the call. */

import { json } from "./body.js";
import { responseError, ServerError, ValidationError } from "./errors.js";
import { content, FileData, type Upload } from "./files.js";
import type { Job } from "./job.js";
import { decode } from "./messages.js";
import { events, type Transport } from "./transport.js";
import type { ProgressUnit } from "./types.js";

const TOLD = 1 << 20;

/** Send the files of a job; each then knows its place on the server. `limit`: bytes of one file. */
export async function uploadAll(http: Transport, uploads: Upload[], job: Job, limit?: number | null): Promise<void> {
	const units: ProgressUnit[] = [];
	await Promise.all(
		uploads.map(async (one) => {
			const [blob, name] = await content(one.file);
			if (limit != null && blob.size > limit) {
				throw new ValidationError(`${name} exceeds the maximum file size of ${limit} bytes.`, { code: "too_large" });
			}
			const unit = { index: 0, length: blob.size, unit: "bytes", progress: null, desc: name };
			units.push(unit);
			const path = await upload(http, blob, name, job.signal, (size) => {
				unit.index = Math.min(blob.size, unit.index + size);
				job.feed({ msg: "progress", progress_data: structuredClone(units) });
			});
			one.sent = new FileData({ path, orig_name: name, ...(blob.type && { mime_type: blob.type }) });
		}),
	);
}

/** Send one file; returns its path on the server. */
async function upload(
	http: Transport,
	blob: Blob,
	name: string,
	signal: AbortSignal,
	told: (size: number) => void,
): Promise<string> {
	const form = new FormData();
	form.append("files", blob, name);
	const stop = new AbortController();
	const id = Math.random().toString(36).slice(2);
	const watched = blob.size > TOLD ? watch(http, id, told, stop.signal) : undefined;
	try {
		const init = { method: "POST", body: form, signal };
		const answer = await http.send(`upload${watched ? `?upload_id=${id}` : ""}`, init);
		if (!answer.ok) throw await responseError(answer, `The upload of ${name}`);
		const path: unknown = (await json(answer).catch(() => undefined))?.[0];
		if (typeof path !== "string") throw new ServerError(`The upload of ${name} was answered without a path.`);
		return path;
	} finally {
		stop.abort();
		await watched;
	}
}

async function watch(http: Transport, id: string, told: (size: number) => void, signal: AbortSignal): Promise<void> {
	try {
		const answer = await http.send(`upload_progress?upload_id=${id}`, { signal });
		if (!answer.ok) return;
		for await (const piece of events(answer, signal)) {
			for (const event of piece) {
				const message = decode(event);
				if (message.msg === "update") told(Math.max(0, +message.chunk_size || 0));
				else if (message.msg === "done") return;
			}
		}
	} catch {
		// it is only told; the upload itself says what went wrong
	}
}
