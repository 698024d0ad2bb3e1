/**
 * Requests to one app. Its token, cookies and headers go to its own origin and nowhere else: redirects are followed
 * within it, and nothing that a server says changes where requests go.
 */

import { responseError, ConnectionError, ServerError, TimeoutError } from "./errors.js";
import { sseParser, type SseEvent } from "./sse.js";

const HOPS = 5;
const SILENT_MS = 60_000;

export interface Sending extends Omit<RequestInit, "headers"> {
	headers?: Fields;
	/** Milliseconds until the response's head. */
	timeout?: number | undefined;
}

/** Headers by their names in lower case. */
export type Fields = Record<string, string>;
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export const isUrl = (text: string): boolean => /^https?:\/\//.test(text);

export function fields(given: HeadersInit | undefined): Fields {
	return given ? Object.fromEntries(new Headers(given)) : {};
}

export class Transport {
	/** What paths are relative to, with its slash at the end. */
	base: string;
	readonly headers: Fields;
	readonly #fetch: Fetch;
	readonly #signal: AbortSignal;
	readonly #init: RequestInit;
	/** Cookies of the server by their names: outside of browsers nobody else keeps them. */
	readonly #cookies: Fields = {};

	/** `signal` ends requests that have no signal of their own. */
	constructor(
		base: string,
		headers: Fields,
		signal: AbortSignal,
		fetch: Fetch = (input, init) => globalThis.fetch(input, init),
		init: RequestInit = {},
	) {
		this.base = base;
		this.headers = headers;
		this.#fetch = fetch;
		this.#signal = signal;
		this.#init = init;
	}

	/** Send a request; returns its response, whatever the status. Throws `ConnectionError` or `TimeoutError`; a caller's abort is thrown as it is. */
	async send(path: string, { timeout, headers, ...init }: Sending = {}): Promise<Response> {
		let url = new URL(path, this.base);
		const ends = init.signal ?? this.#signal;
		const clock = timeout ? AbortSignal.timeout(timeout) : undefined;
		const signal = clock ? AbortSignal.any([ends, clock]) : ends;
		const cookie = [this.headers.cookie, ...Object.values(this.#cookies)].filter(Boolean).join("; ");
		const own = { ...this.headers, ...headers, ...(cookie && { cookie }) };
		const all = { ...this.#init, ...init, headers: own, signal, redirect: "manual" } as const;
		try {
			for (let hop = 0; ; hop++) {
				const answer = await this.#fetch(url.href, all);
				for (const set of answer.headers.getSetCookie?.() ?? []) {
					const [pair = ""] = set.split(";", 1);
					this.#cookies[pair.split("=", 1)[0] as string] = pair;
				}
				const place = answer.status >= 300 && answer.status < 400 && answer.headers.get("location");
				const next = place && !init.body ? new URL(place, url) : url;
				if (next === url || next.origin !== url.origin || hop >= HOPS) return answer;
				url = next;
			}
		} catch (cause) {
			if (ends.aborted) throw ends.reason;
			if (clock?.aborted) throw new TimeoutError(`No answer from ${url.pathname} within ${timeout} ms.`);
			throw new ConnectionError(`The connection to ${url.origin} failed.`, { cause });
		}
	}

	/** Fetch JSON; `what` names it in errors. Throws the error of a response that is not a success. */
	async json<T>(path: string, what: string, init: Sending = {}): Promise<T> {
		const answer = await this.send(path, init);
		if (!answer.ok) throw await responseError(answer, what);
		try {
			return (await answer.json()) as T;
		} catch (cause) {
			throw new ServerError(`${what} is not JSON, or broke off: is this a Space or a Gradio app?`, { cause });
		}
	}

	/** Send a JSON body; text is JSON already. */
	post(path: string, body: unknown, init: Sending = {}): Promise<Response> {
		const headers = { ...init.headers, "content-type": "application/json" };
		return this.send(path, { ...init, method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });
	}
}

/** A stream of a known size below this is read at once, as a quick call's is: by pieces that takes twice the time. */
const WHOLE_MAX = 65_536;

/**
 * The events of a stream, those of a piece together, until it ends. Throws `ConnectionError` when it breaks or says
 * nothing for a minute.
 */
export async function* events(answer: Response, signal?: AbortSignal): AsyncGenerator<SseEvent[]> {
	const parse = sseParser();
	const size = answer.headers.get("content-length");
	const reader = size && +size < WHOLE_MAX ? undefined : answer.body?.getReader();
	const decoder = new TextDecoder();
	try {
		if (!reader) return yield parse(await soon(answer.text()));
		for (;;) {
			const { done, value } = await soon(reader.read());
			if (done) return;
			yield parse(decoder.decode(value, { stream: true }));
		}
	} catch (cause) {
		throw signal?.aborted ? signal.reason : new ConnectionError("The stream broke off.", { cause });
	} finally {
		reader?.cancel().catch(() => {});
	}
}

/** What is read, unless nothing comes for too long. */
function soon<T>(reading: Promise<T>): Promise<T> {
	let late: ReturnType<typeof setTimeout>;
	const silence = new Promise<never>((_, reject) => {
		late = setTimeout(reject, SILENT_MS);
	});
	return Promise.race([reading, silence]).finally(() => clearTimeout(late));
}
