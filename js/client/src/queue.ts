/**
 * A real Gradio server: calls join a queue, and one stream of the session carries the messages of all of them. It
 * loses the calls of a stream that drops, so nothing is sent again and every such call ends with an error.
 */

import { json } from "./body.js";
import { lost as lostError, malformed, responseError, JobLostError, ServerError, type SpaceportError } from "./errors.js";
import type { Job, CallTransport } from "./job.js";
import { decode } from "./messages.js";
import { events, type Fields, type Transport } from "./transport.js";
import type { ServerMessage } from "./wire.js";

/** Messages that are kept of calls whose join has not been answered. */
const EARLY = 10_000;

/** Reads the stream of a session while a call waits for messages. */
export interface Session {
	/** Make a call in this session. */
	call(body: { fn_index: unknown }, headers: Fields): CallTransport;
	/** Stop reading, because an open stream would keep a process alive. */
	close(): void;
}

export function openSession(http: Transport, session_hash: string): Session {
	const jobs = new Map<string, Job>();
	/** Messages of calls whose join has not been answered yet. */
	const early: ServerMessage[] = [];
	/** How many joins have not been answered. */
	let joining = 0;
	let reading = false;
	let stop: AbortController | undefined;

	function add(id: string, job: Job): void {
		if (job.run.ended) return;
		jobs.set(id, job);
		for (const message of early.splice(0)) deliver(message);
		if (jobs.size && !reading) void read();
	}

	async function read(): Promise<void> {
		reading = true;
		let idle = 0;
		while (jobs.size && idle < 2) {
			stop = new AbortController();
			try {
				idle = (await once(stop.signal)) ? 0 : idle + 1;
			} catch (error) {
				if (!stop.signal.aborted) lose(malformed(error));
			}
		}
		lose(new JobLostError("The server ended the stream before the job did."));
		reading = false;
		if (jobs.size) void read(); // one joined meanwhile
	}

	function lose(error: SpaceportError): void {
		const lost = [...jobs.values()];
		jobs.clear();
		const { code, message } = error;
		const kind = error.constructor as typeof SpaceportError;
		for (const job of lost) job.fail(new kind(message, { code, cause: error }));
	}

	/** Read one stream to its end. Returns whether a call ended meanwhile. */
	async function once(signal: AbortSignal): Promise<boolean> {
		const path = `queue/data?session_hash=${encodeURIComponent(session_hash)}`;
		const answer = await http.send(path, { headers: { accept: "text/event-stream" }, signal });
		if (!answer.ok) throw await responseError(answer, "The result stream");
		let ended = false;
		for await (const piece of events(answer, signal)) {
			for (const event of piece) {
				const message = decode(event) as ServerMessage;
				if (message.msg === "close_stream") return ended;
				if (message.event_id) {
					ended = deliver(message) || ended;
				} else if (message.msg === "unexpected_error") {
					throw lostError(message);
				}
			}
			if (!jobs.size) break;
		}
		return ended;
	}

	/** Returns whether the call has ended. */
	function deliver(message: ServerMessage): boolean {
		const id = message.event_id as string;
		const job = jobs.get(id);
		if (!job) {
			if (joining && early.length < EARLY) early.push(message);
			return false;
		}
		job.feed(message);
		return job.run.ended && jobs.delete(id);
	}

	return {
		close() {
			jobs.clear();
			stop?.abort();
		},
		call(body, headers) {
			const { fn_index } = body;
			let id: string;
			return {
				async drive(job) {
					const { signal } = job;
					joining++;
					try {
						const answer = await http.post("queue/join", body, { headers, signal });
						if (!answer.ok) return job.refuse(await responseError(answer, "The call"));
						const found = await json(answer).catch(() => undefined);
						if (typeof found?.event_id !== "string") throw new ServerError("The call was answered without a job id.");
						id = found.event_id;
						job.accepted(id);
						add(id, job);
					} finally {
						if (!--joining) early.length = 0;
					}
					await job.over();
				},
				async cancel() {
					if (!id) return;
					await http.post("cancel", { event_id: id, session_hash, fn_index });
					await http.post("reset", { event_id: id });
					jobs.delete(id);
					if (!jobs.size) stop?.abort();
				},
				async send(path, piece) {
					await http.post(`stream/${encodeURIComponent(id ?? "")}${path}`, { ...(piece as object), fn_index, session_hash });
				},
			};
		},
	};
}
