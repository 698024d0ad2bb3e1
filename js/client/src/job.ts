/** A running call: an async iterable of its messages, and a promise of its result. */

import { CancelledError, type SpaceportError } from "./errors.js";
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

const CANCELLED = "The job was cancelled.";

type Wait = { resolve: (found: IteratorResult<Message, undefined>) => void; reject: (error: unknown) => void };

export class Job implements AsyncIterableIterator<Message, undefined> {
	/** The server's id of the job, once it has accepted the call. */
	id: string | undefined;
	readonly run: Run;
	readonly signal: AbortSignal;
	#messages: Message[] = [];
	#waits: Wait[] = [];
	#kinds: Set<MessageKind>;
	#listening = true;
	#closed = false;
	#thrown = false;
	#transport: CallTransport | undefined;
	#last: DataMessage | undefined;
	#stop = new AbortController();
	#settle: { resolve: (last: DataMessage) => void; reject: (error: SpaceportError) => void } | undefined;
	#ended: Promise<DataMessage>;
	#known: Promise<string | null>;
	#told: (id: string | null) => void = () => {};

	constructor(run: Run, kinds: MessageKind[]) {
		this.run = run;
		this.#kinds = new Set(kinds);
		this.signal = this.#stop.signal;
		this.#ended = new Promise((resolve, reject) => {
			this.#settle = { resolve, reject };
		});
		this.#ended.catch(() => {}); // whoever asks for the result learns of it
		this.#known = new Promise((resolve) => {
			this.#told = resolve;
		});
	}

	/** Start the call; `connect` uploads its files and chooses the transport. */
	start(connect: (job: Job) => Promise<CallTransport>): this {
		this.take(this.run.start());
		const work = async () => {
			try {
				this.#transport = await connect(this);
				if (!this.run.ended) await this.#transport.drive(this);
			} catch (error) {
				this.fail(error as SpaceportError);
			}
			this.#told(this.id ?? null);
		};
		void work();
		return this;
	}

	/** End the job with a reason. With `localOnly` the server is not told. */
	abort(reason: unknown, localOnly = false): void {
		const text = reason instanceof Error ? reason.message : "The call was aborted.";
		this.fail(new CancelledError(text, { cause: reason }), { broken: false });
		void this.#end(localOnly);
	}

	/** Record the id with which the server has accepted the call. */
	accepted(id: string): void {
		this.id = id;
		this.#told(id);
	}

	/** Pass new messages on to the program. */
	take(messages: Message[]): void {
		for (const message of messages) {
			if (message.type === "data") this.#last = message;
			if (this.#listening && this.#kinds.has(message.type)) this.#push(message);
		}
		if (this.run.ended && !this.#closed) {
			this.#closed = true;
			if (this.run.error) this.#settle?.reject(this.run.error);
			else if (this.#last) this.#settle?.resolve(this.#last);
			while (this.#waits.length) this.#finish(this.#waits.shift() as Wait);
		}
	}

	fail(error: SpaceportError, shown?: Parameters<Run["fail"]>[1]): void {
		this.take(this.run.fail(error, shown));
	}

	/** The last data message. Rejects with the error of a job that failed. */
	result(): Promise<DataMessage> {
		this.#messages = [];
		this.#listening = false;
		return this.#ended;
	}

	/** End the job, here and on the server. Throws the server's refusal: the job then goes on there. */
	async cancel(): Promise<void> {
		let refused = await this.#end();
		if (this.run.ended) refused = undefined; // it ended meanwhile: what came of the request does not matter
		this.fail(new CancelledError(CANCELLED), { broken: false, title: "Cancelled" });
		if (refused) throw refused;
	}

	/** Returns the server's refusal. */
	async #end(localOnly = false): Promise<SpaceportError | undefined> {
		const refused = localOnly ? undefined : await this.#transport?.cancel(this).catch((error) => error);
		this.#stop.abort(new CancelledError(CANCELLED));
		return refused;
	}

	/** Resolves when the run has ended, with or without a result. */
	over(): Promise<unknown> {
		return this.#ended.catch(() => {});
	}

	event_id(): string {
		return this.id ?? "";
	}

	/** The server's id of the job; null if the call was never accepted. */
	wait_for_id(): Promise<string | null> {
		return this.#known;
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

	next(): Promise<IteratorResult<Message, undefined>> {
		const value = this.#messages.shift();
		if (value) return Promise.resolve({ value, done: false });
		return new Promise((resolve, reject) => {
			if (this.#closed || !this.#listening) this.#finish({ resolve, reject });
			else this.#waits.push({ resolve, reject });
		});
	}

	/** Stop listening (a `break` in the loop). The job goes on. */
	async return(): Promise<IteratorResult<Message, undefined>> {
		this.#listening = false;
		this.#messages = [];
		while (this.#waits.length) this.#finish(this.#waits.shift() as Wait);
		return { value: undefined, done: true };
	}

	async throw(error?: unknown): Promise<IteratorResult<Message, undefined>> {
		await this.return();
		throw error;
	}

	#push(message: Message): void {
		const wait = this.#waits.shift();
		if (wait) wait.resolve({ value: message, done: false });
		else this.#messages.push(message);
	}

	/** End the program's loop. An error is thrown there once, unless a status message reports it. */
	#finish(wait: Wait): void {
		const error = this.run.error;
		if (error && !this.#thrown && this.#listening && !this.#kinds.has("status")) {
			this.#thrown = true;
			wait.reject(error);
		} else {
			wait.resolve({ value: undefined, done: true });
		}
	}
}
