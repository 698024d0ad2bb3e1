/**
 * A real Gradio server: calls join a queue, and one stream of the session carries the messages of all of them. It
 * loses the calls of a stream that drops, so nothing is sent again and every such call ends with an error.
 */

import { responseError, JobLostError, ServerError, SpaceportError } from "./errors.js";
import type { Job, CallTransport } from "./job.js";
import { parseMessage } from "./resumable.js";
import { events, type Fields, type Transport } from "./transport.js";
import type { ServerMessage } from "./wire.js";

const EARLY = 1000;

/** Reads the stream of a session while a call waits for messages. */
export class Session {
	readonly http: Transport;
	readonly prefix: string;
	readonly hash: string;
	#jobs = new Map<string, Job>();
	/** Messages of calls whose join has not been answered yet. */
	#early = new Map<string, ServerMessage[]>();
	#reading = false;
	#stop: AbortController | undefined;

	constructor(http: Transport, prefix: string, hash: string) {
		this.http = http;
		this.prefix = prefix;
		this.hash = hash;
	}

	add(id: string, job: Job): void {
		if (job.run.ended) return;
		this.#jobs.set(id, job);
		for (const message of this.#early.get(id) ?? []) job.take(job.run.feed(message));
		this.#early.delete(id);
		if (job.run.ended) this.#jobs.delete(id);
		else if (!this.#reading) void this.#read();
	}

	forget(job: Job): void {
		this.#jobs.delete(job.id ?? "");
		if (!this.#jobs.size) this.#stop?.abort();
	}

	/** Stop reading, because an open stream would keep a process alive. */
	close(): void {
		this.#jobs.clear();
		this.#stop?.abort();
	}

	async #read(): Promise<void> {
		this.#reading = true;
		let idle = 0;
		while (this.#jobs.size && idle < 2) {
			this.#stop = new AbortController();
			try {
				idle = (await this.#once(this.#stop.signal)) ? 0 : idle + 1;
			} catch (error) {
				if (!this.#stop.signal.aborted) this.#lose(error as SpaceportError);
			}
		}
		this.#lose(new JobLostError("The server ended the stream before the job did."));
		this.#reading = false;
		if (this.#jobs.size) void this.#read(); // one joined meanwhile
	}

	#lose(error: SpaceportError): void {
		const lost = [...this.#jobs.values()];
		this.#jobs.clear();
		const kind = error instanceof SpaceportError ? (error.constructor as typeof SpaceportError) : JobLostError;
		for (const job of lost) job.fail(new kind(error.message, { code: error.code ?? "session_lost", cause: error }));
	}

	/** Read one stream to its end. Returns whether a call ended meanwhile. */
	async #once(signal: AbortSignal): Promise<boolean> {
		const path = `${this.prefix}queue/data?session_hash=${encodeURIComponent(this.hash)}`;
		const answer = await this.http.send(path, { headers: { accept: "text/event-stream" }, signal });
		if (!answer.ok) throw await responseError(answer, "The result stream");
		let ended = false;
		for await (const piece of events(answer, signal)) {
			for (const event of piece) {
				const message = parseMessage(event.data);
				if (message.msg === "close_stream") return ended;
				if (message.event_id) {
					ended = this.#deliver(message.event_id, message) || ended;
				} else if (message.msg === "unexpected_error") {
					throw new JobLostError(message.message || "The server lost the session.");
				}
			}
			if (!this.#jobs.size) break;
		}
		return ended;
	}

	#deliver(id: string, message: ServerMessage): boolean {
		const job = this.#jobs.get(id);
		if (!job) {
			if (this.#early.size < EARLY) this.#early.set(id, [...(this.#early.get(id) ?? []), message]);
			return false;
		}
		job.take(job.run.feed(message));
		if (job.run.ended) this.#jobs.delete(id);
		return job.run.ended;
	}
}

export class QueueCall implements CallTransport {
	readonly #session: Session;
	readonly #body: Record<string, unknown>;
	readonly #headers: Fields;
	#job: Job | undefined;

	constructor(session: Session, body: Record<string, unknown>, headers: Fields) {
		this.#session = session;
		this.#body = { ...body, session_hash: session.hash };
		this.#headers = headers;
	}

	async drive(job: Job): Promise<void> {
		this.#job = job;
		const { http, prefix } = this.#session;
		const answer = await http.post(`${prefix}queue/join`, this.#body, { headers: this.#headers, signal: job.signal });
		if (!answer.ok) {
			const error = await responseError(answer, "The call");
			const refused = answer.status === 422 && { code: "validation_error", visible: true, message: error.problems };
			job.fail(error, refused || { broken: false, visible: true });
			return;
		}
		const found = (await answer.json().catch(() => undefined)) as { event_id?: unknown } | undefined;
		if (typeof found?.event_id !== "string") throw new ServerError("The call was answered without a job id.");
		job.accepted(found.event_id);
		this.#session.add(found.event_id, job);
		await job.over();
	}

	async cancel(job: Job): Promise<void> {
		if (job.id === undefined) return;
		const { http, prefix, hash } = this.#session;
		const body = { event_id: job.id, session_hash: hash, fn_index: this.#body.fn_index };
		await http.post(`${prefix}cancel`, body);
		await http.post(`${prefix}reset`, { event_id: job.id });
		this.#session.forget(job);
	}

	async send(path: string, body: unknown): Promise<void> {
		const { http, prefix, hash } = this.#session;
		const piece = { ...(body as object), fn_index: this.#body.fn_index, session_hash: hash };
		await http.post(`${prefix}stream/${this.#job?.id ?? ""}${path}`, piece);
	}
}
