/** Calls a server of ours: one request a call, resumed after a broken connection or a restart, never run twice. */

import { responseError, ConnectionError, JobLostError, NotFoundError, ServerError, type SpaceportError } from "./errors.js";
import type { Job, CallTransport } from "./job.js";
import { backoff, pause } from "./retry.js";
import { events, type Fields, type Transport } from "./transport.js";
import type { ServerMessage } from "./wire.js";

/** How long a cancellation waits to learn the id of a call that was just sent. */
const ACCEPTED_MS = 5000;
const RESUME_MS = 120_000;
const RETRY_STATUSES = new Set([502, 503, 504]);

export class ResumableCall implements CallTransport {
	readonly #http: Transport;
	readonly #prefix: string;
	readonly #path: string;
	readonly #session: string;
	readonly #body: unknown;
	readonly #headers: Fields;
	#last = "";

	/** `body` is undefined for a job that exists. */
	constructor(
		http: Transport,
		prefix: string,
		endpoint: string,
		session: string,
		body: unknown,
		headers: Fields,
	) {
		this.#session = session;
		this.#http = http;
		this.#prefix = prefix;
		this.#path = `${prefix}call/${encodeURIComponent(endpoint)}`;
		this.#body = body;
		const key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (one) => one.toString(36)).join("");
		this.#headers = { "idempotency-key": key, ...headers, accept: "text/event-stream" };
	}

	async drive(job: Job): Promise<void> {
		let brokenAt = 0;
		for (let attempt = 0; !job.run.ended; attempt++) {
			const seen = this.#last;
			let problem: SpaceportError;
			let again: number | undefined;
			try {
				again = await this.#listen(job);
				problem = new ConnectionError("The server ended the stream before the job did.");
			} catch (error) {
				if (job.signal.aborted) return job.fail(error as SpaceportError);
				problem = error as SpaceportError;
			}
			if (job.run.ended) return;
			if (this.#last !== seen || !attempt) {
				attempt = 0;
				brokenAt = Date.now();
			}
			const patience = job.id === undefined ? RESUME_MS / 8 : RESUME_MS;
			if (Date.now() - brokenAt > patience) return job.fail(problem);
			await pause(again ?? backoff(attempt), job.signal);
		}
	}

	/** Read events. Returns the milliseconds to wait if the server asked for a retry. */
	async #listen(job: Job): Promise<number | undefined> {
		const signal = job.signal;
		const answer =
			job.id === undefined
				? await this.#http.post(`${this.#path}?events=messages`, this.#body, { headers: this.#headers, signal })
				: await this.#http.send(`${this.#path}/${job.id}?events=messages`, {
						headers: { accept: "text/event-stream", ...(this.#last && { "last-event-id": this.#last }) },
						signal,
					});
		if (answer.status !== 200) return this.#refused(job, answer);
		for await (const piece of events(answer, signal)) {
			for (const event of piece) {
				if (event.event) continue; // a heartbeat; or the server stops, and the job lives in its journal
				const message = parseMessage(event.data);
				if (job.id === undefined && message.event_id) job.accepted(message.event_id);
				this.#last = event.id ?? this.#last;
				job.take(job.run.feed(message));
			}
			if (job.run.ended) break;
		}
		return undefined;
	}

	async #refused(job: Job, answer: Response): Promise<number | undefined> {
		let error = await responseError(answer, "The call");
		if (job.id !== undefined && (error instanceof NotFoundError || answer.status === 204)) {
			error = new JobLostError("The server does not know this job, or no longer.");
		} else if (RETRY_STATUSES.has(answer.status) && error.code !== "queue_full") {
			return (error.retry_after ?? 0.5) * 1000;
		}
		const validation = answer.status === 422 && { code: "validation_error", visible: true, message: error.problems };
		job.fail(error, validation || { broken: false, visible: true });
		return undefined;
	}

	async cancel(job: Job): Promise<void> {
		await Promise.race([job.wait_for_id(), pause(ACCEPTED_MS, job.signal)]); // its request may be under way
		if (job.id === undefined) return;
		const path = `${this.#prefix}jobs/${job.id}?session_hash=${encodeURIComponent(this.#session)}`;
		const answer = await this.#http.send(path, { method: "DELETE" });
		if (!answer.ok && answer.status !== 409) throw await responseError(answer, "The cancellation"); // 409: it had ended
	}
}

export function parseMessage(text: string): ServerMessage {
	try {
		return JSON.parse(text) as ServerMessage;
	} catch (cause) {
		throw new ServerError("A message of the stream is not JSON.", { cause });
	}
}
