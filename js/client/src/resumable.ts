/** Calls a server of ours: one request a call, resumed after a broken connection or a restart, never run twice. */

import type { CallGroup } from "./call_group.js";
import { responseError, ConnectionError, JobLostError, NotFoundError, LOST, type SpaceportError } from "./errors.js";
import type { Job, CallTransport } from "./job.js";
import { decode, type Received } from "./messages.js";
import { backoff, pause } from "./retry.js";
import { events, type Fields, type Transport } from "./transport.js";
import type { ServerMessage } from "./wire.js";

/** How long a cancellation waits to learn the id of a call that was just sent. */
const ACCEPTED_MS = 5000;
const RESUME_MS = 120_000;
/** The longest pause that a server may ask for, in seconds. */
const RETRY_MAX = 30;

/** `body` is left out for a job that exists. A call of a `group` has no headers of its own. */
export function resumableCall(
	http: Transport,
	endpoint: string,
	session: string,
	body?: object,
	own: Fields = {},
	group?: CallGroup,
): CallTransport {
	const path = `call/${encodeURIComponent(endpoint)}`;
	const key = randomUuid();
	let last = "";

	/** Take a message of the call; `id` is where to resume after it. */
	function take(job: Job, message: Received, id: string | undefined): void {
		if (!job.id && message.event_id) job.accepted(message.event_id);
		last = id ?? last;
		job.feed(message as ServerMessage);
	}

	/** Read events. Returns the milliseconds to wait if the server asked for a retry. */
	async function listen(job: Job): Promise<number | undefined> {
		const { id, signal } = job;
		const accept = "text/event-stream";
		const answer =
			!id
				? await http.post(`${path}?events=messages`, body, { headers: { "idempotency-key": key, ...own, accept }, signal })
				: await http.send(`${path}/${encodeURIComponent(id)}?events=messages`, {
						headers: { accept, ...(last && { "last-event-id": last }) },
						signal,
					});
		if (answer.status !== 200) return refused(job, answer);
		for await (const piece of events(answer, signal)) {
			for (const event of piece) take(job, decode(event), event.id);
			if (job.run.ended) break;
		}
		return undefined;
	}

	async function refused(job: Job, answer: Response): Promise<number | undefined> {
		let error = await responseError(answer, "The call");
		if (job.id && (error instanceof NotFoundError || answer.status === 204)) {
			error = new JobLostError(LOST);
		} else if (answer.status > 501 && answer.status < 505 && error.code !== "queue_full") {
			return Math.min(error.retry_after ?? 0.5, RETRY_MAX) * 1000;
		}
		job.refuse(error);
		return undefined;
	}

	return {
		async drive(job) {
			const entry = { name: endpoint, idempotency_key: key, body };
			await group?.({ entry, job, take: (message, id) => take(job, message, id) });
			let brokenAt = 0;
			for (let attempt = 0; !job.run.ended; attempt++) {
				const seen = last;
				let problem: SpaceportError;
				let again: number | undefined;
				try {
					again = await listen(job);
					problem = new ConnectionError("The server ended the stream before the job did.");
				} catch (error) {
					if (job.signal.aborted) return job.fail(error as SpaceportError);
					problem = error as SpaceportError;
					if (!problem.retryable) throw error;
				}
				if (job.run.ended) return;
				if (last !== seen || !attempt) {
					attempt = 0;
					brokenAt = Date.now();
				}
				if (Date.now() - brokenAt > RESUME_MS / (job.id ? 1 : 8)) return job.fail(problem);
				await pause(again ?? backoff(attempt), job.signal);
			}
		},
		async cancel(job) {
			await Promise.race([job.wait_for_id(), pause(ACCEPTED_MS, job.signal)]); // its request may be under way
			if (!job.id) return;
			const path = `jobs/${encodeURIComponent(job.id)}?session_hash=${encodeURIComponent(session)}`;
			const answer = await http.send(path, { method: "DELETE" });
			if (!answer.ok && answer.status !== 409) throw await responseError(answer, "The cancellation"); // 409: it had ended
		},
	};
}

/** A random UUID (RFC 9562, version 4): `crypto.randomUUID` is missing on pages of plain http. */
function randomUuid(): string {
	const hex = crypto.getRandomValues(new Uint16Array(8)).reduce((text, one) => text + (one | 65536).toString(16).slice(1), "");
	return hex.replace(/(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-4$3-8$4-");
}
