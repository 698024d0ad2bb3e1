/** A running call: an async iterable of its messages, and a promise of its result. */

import { malformed, CancelledError, type SpaceportError } from "./errors.js";
import type { Run } from "./run.js";
import type { DataMessage, Message, MessageKind } from "./types.js";

/** Sends a call to the server and receives its messages (queue.ts, resumable.ts, direct.ts). */
export interface CallTransport {
	/** Make the call and take its messages until the run has ended. */
	drive(job: Job): Promise<void>;
	/** Cancel the call on the server. Throws the server's refusal. */
	cancel(job: Job): Promise<void>;
	send?(path: string, body: unknown): Promise<void>;
}

export class Job implements AsyncIterableIterator<Message, undefined> {
	/** The server's id of the job, once it has accepted the call. */
	declare id: string | undefined;
	declare readonly run: Run;
	declare readonly signal: AbortSignal;
	#messages: Message[] = [];
	#kinds: MessageKind[];
	#listening = true;
	#thrown = false;
	#transport: CallTransport | undefined;
	#last: DataMessage | undefined;
	#stop = new AbortController();
	#ended = deferred<DataMessage>();
	#known = deferred<string | null>();
	/** Resolves when `next` has something to look at. */
	#news: ReturnType<typeof deferred<void>> | undefined;

	constructor(run: Run, kinds: MessageKind[]) {
		this.run = run;
		this.#kinds = kinds;
		this.signal = this.#stop.signal;
		this.#ended.promise.catch(() => {}); // whoever asks for the result learns of it
	}

	/** Start the call; `connect` uploads its files and chooses the transport. */
	start(connect: (job: Job) => Promise<CallTransport>): this {
		this.take(this.run.start());
		const work = async () => {
			try {
				this.#transport = await connect(this);
				if (!this.run.ended) await this.#transport.drive(this);
			} catch (error) {
				this.fail(malformed(error));
			}
			this.#known.resolve(this.id ?? null);
		};
		void work();
		return this;
	}

	/** End the job with a reason. With `localOnly` the server is not told. */
	abort(reason: unknown, localOnly = false): void {
		const text = (reason as Error)?.message ?? "The call was aborted.";
		this.fail(new CancelledError(text, { cause: reason }), { broken: false });
		void this.#end(localOnly);
	}

	/** Record the id with which the server has accepted the call. */
	accepted(id: string): void {
		this.id = id;
		this.#known.resolve(id);
	}

	/** Pass new messages on to the program. */
	take(messages: Message[]): void {
		for (const message of messages) {
			if (message.type === "data") this.#last = message;
			if (this.#listening && this.#kinds.includes(message.type)) this.#messages.push(message);
		}
		if (this.run.error) this.#ended.reject(this.run.error);
		else if (this.run.ended && this.#last) this.#ended.resolve(this.#last);
		this.#wake();
	}

	/** Take a message of the server. A malformed one ends the job. */
	feed(message: Parameters<Run["feed"]>[0]): void {
		try {
			this.take(this.run.feed(message));
		} catch (error) {
			this.fail(malformed(error));
		}
	}

	#wake(): void {
		this.#news?.resolve();
		this.#news = undefined;
	}

	fail(error: SpaceportError, shown?: Parameters<Run["fail"]>[1]): void {
		this.take(this.run.fail(error, shown));
	}

	/** End with the server's refusal of the call. */
	refuse(error: SpaceportError): void {
		const { http_status, problems } = error;
		const more = http_status === 422 ? { code: "validation_error", message: problems } : { broken: false };
		this.fail(error, { visible: true, ...more });
	}

	/** The last data message. Rejects with the error of a job that failed. */
	result(): Promise<DataMessage> {
		this.#messages = [];
		this.#listening = false;
		this.#wake();
		return this.#ended.promise;
	}

	/** End the job, here and on the server. Throws the server's refusal: the job then goes on there. */
	async cancel(): Promise<void> {
		let refused = await this.#end();
		if (this.run.ended) refused = undefined; // it ended meanwhile: what came of the request does not matter
		this.fail(cancelled(), { broken: false, title: "Cancelled" });
		if (refused) throw refused;
	}

	/** Returns the server's refusal. */
	async #end(localOnly = false): Promise<SpaceportError | undefined> {
		const refused = localOnly ? undefined : await this.#transport?.cancel(this).catch((error) => error);
		this.#stop.abort(cancelled());
		return refused;
	}

	/** Resolves when the run has ended, with or without a result. */
	over(): Promise<unknown> {
		return this.#ended.promise.catch(() => {});
	}

	event_id(): string {
		return this.id ?? "";
	}

	/** The server's id of the job; null if the call was never accepted. */
	wait_for_id(): Promise<string | null> {
		return this.#known.promise;
	}

	/** The next piece of input, for an endpoint that takes it piece by piece. */
	async send_chunk(payload: Record<string, unknown>): Promise<void> {
		await this.#transport?.send?.("", payload);
	}

	async close_stream(): Promise<void> {
		await this.#transport?.send?.("/close", {});
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	/** An error is thrown once, unless a status message reports it. */
	async next(): Promise<IteratorResult<Message, undefined>> {
		while (this.#listening) {
			const value = this.#messages.shift();
			if (value) return { value, done: false };
			if (this.run.ended) {
				if (!this.run.error || this.#thrown || this.#kinds.includes("status")) break;
				this.#thrown = true;
				throw this.run.error;
			}
			this.#news ??= deferred();
			await this.#news.promise;
		}
		return { value: undefined, done: true };
	}

	/** Stop listening (a `break` in the loop). The job goes on. */
	async return(): Promise<IteratorResult<Message, undefined>> {
		void this.result();
		return { value: undefined, done: true };
	}

	async throw(error?: unknown): Promise<IteratorResult<Message, undefined>> {
		void this.result();
		throw error;
	}
}

const cancelled = () => new CancelledError("The job was cancelled.");

/** A promise that is settled from outside. */
function deferred<T>() {
	let resolve!: (value: T) => void;
	let reject!: (error: unknown) => void;
	const promise = new Promise<T>((done, failed) => {
		resolve = done;
		reject = failed;
	});
	return { promise, resolve, reject };
}
