/**
 * Requests to one app. Its token, cookies and headers go to its own origin and nowhere else: redirects are followed
 * within it, and nothing that a server says changes where requests go.
 */

import { json, pieces } from "./body.js";
import { malformed, responseError, ConnectionError, ServerError, TimeoutError } from "./errors.js";
import { sseParser, type SseEvent } from "./sse.js";

const HOPS = 5;
/** Characters of the cookies that are kept. */
const COOKIES_MAX = 8192;

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
	return Object.fromEntries(new Headers(given));
}

export interface Transport {
	/** What paths are relative to, with its slash at the end. */
	base: string;
	/** Send a request; returns its response, whatever the status. Throws `ConnectionError` or `TimeoutError`; a caller's abort is thrown as it is. */
	send(path: string, init?: Sending): Promise<Response>;
	/** Fetch JSON; `what` names it in errors. Throws the error of a response that is not a success. */
	json<T>(path: string, what?: string, init?: Sending): Promise<T>;
	/** Send a JSON body. */
	post(path: string, body: unknown, init?: Sending): Promise<Response>;
}

/** `signal` ends requests that have no signal of their own. */
export function transport(
	base: string,
	common: Fields,
	signal: AbortSignal,
	fetch: Fetch = globalThis.fetch,
	options?: RequestInit,
): Transport {
	/** Cookies of the server by their names: outside of browsers nobody else keeps them. */
	const cookies: Fields = {};
	const kept = () => Object.values(cookies).join("; ");
	const http: Transport = {
		base,
		async send(path, { timeout, headers, ...init } = {}) {
			let url = new URL(path, http.base);
			const ends = init.signal ?? signal;
			const clock = timeout ? AbortSignal.timeout(timeout) : undefined;
			const cookie = [common.cookie, kept()].filter(Boolean).join("; ");
			const all: RequestInit = {
				...options,
				...init,
				headers: { ...common, ...headers, ...(cookie && { cookie }) },
				signal: clock ? AbortSignal.any([ends, clock]) : ends,
				redirect: "manual",
			};
			try {
				for (let hop = 0; ; hop++) {
					const answer = await fetch(url.href, all);
					for (const set of answer.headers.getSetCookie?.() ?? []) {
						const [pair, name] = /^([^=;]*)[^;]*/.exec(set) as string[];
						if (/;\s*max-age=(0|-)/i.test(set)) delete cookies[name as string];
						else if ((kept() + pair).length < COOKIES_MAX) cookies[name as string] = pair as string;
					}
					const place = /^3/.test(`${answer.status}`) && answer.headers.get("location");
					const next = place && !init.body ? new URL(place, url) : url;
					if (next === url || next.origin !== url.origin || hop >= HOPS) return answer;
					answer.body?.cancel().catch(() => {});
					url = next;
				}
			} catch (cause) {
				ends.throwIfAborted();
				if (clock?.aborted) throw new TimeoutError(`No answer from ${url.pathname} within ${timeout} ms.`);
				throw new ConnectionError(`The connection to ${url.origin} failed.`, { cause });
			}
		},
		async json(path, what = path, init) {
			const answer = await http.send(path, init);
			if (!answer.ok) throw await responseError(answer, what);
			try {
				return await json(answer);
			} catch (cause) {
				throw malformed(cause, what);
			}
		},
		post(path, body, init = {}) {
			const headers = { ...init.headers, "content-type": "application/json" };
			return http.send(path, {
				...init,
				method: "POST",
				headers,
				body: JSON.stringify(body),
			});
		},
	};
	return http;
}

/**
 * The events of a stream, those of a piece together, until it ends. Throws `ConnectionError` when it breaks or says
 * nothing for a minute, `ServerError` for an event that is too large.
 */
export async function* events(answer: Response, signal?: AbortSignal): AsyncGenerator<SseEvent[]> {
	const parse = sseParser();
	try {
		for await (const piece of pieces(answer)) yield parse(piece);
	} catch (cause) {
		if (cause instanceof ServerError) throw cause;
		throw signal?.aborted ? signal.reason : new ConnectionError("The stream broke off.", { cause });
	}
}
