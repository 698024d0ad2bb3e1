/** The JavaScript client as the page uses it: it keeps the description it loads, and knows when its line is lost. */

import { signal } from "@preact/signals";
import { AuthenticationError, Client, type ClientOptions, type Info } from "spaceport-client";

const STREAM = /\/call\/[^/?]+(\/[^/?]+)?\?events=messages$/;
const INFO = /\/info$/;
const UNREACHABLE = new Set([502, 503, 504]);
/** Servers send a heartbeat on their streams every 15 seconds. */
const SILENT_MS = 35_000;

export class PageClient extends Client {
	/** True while the connection of a running call is lost or silent, and the client tries to open it again. */
	readonly reconnecting = signal(false);
	#info: Promise<Info> | undefined;

	static override async connect(address: string, options: ClientOptions = {}): Promise<PageClient> {
		return (await super.connect(address, options)) as PageClient;
	}

	/** `/info` as the server wrote it, read once. */
	get info(): Promise<Partial<Info>> {
		return this.#info ?? Promise.resolve({});
	}

	override async fetch(input: string, init?: RequestInit): Promise<Response> {
		const streams = STREAM.test(input);
		try {
			const answer = await super.fetch(input, init);
			if (streams) this.reconnecting.value = UNREACHABLE.has(answer.status);
			if (streams && answer.ok && answer.body) {
				return noticed(answer, answer.body, (silent) => {
					this.reconnecting.value = silent;
				});
			}
			if (answer.ok && INFO.test(input)) this.#info = answer.clone().json() as Promise<Info>;
			return answer;
		} catch (error) {
			if (streams) this.reconnecting.value = !init?.signal?.aborted;
			throw error;
		}
	}
}

/** The same response; `tell` learns when its body falls silent, and when it goes on. */
function noticed({ status, headers }: Response, body: ReadableStream<Uint8Array>, tell: (silent: boolean) => void): Response {
	const reader = body.getReader();
	const told = new ReadableStream<Uint8Array>({
		async pull(controller) {
			const late = setTimeout(() => tell(true), SILENT_MS);
			try {
				const { done, value } = await reader.read();
				if (done) return controller.close();
				tell(false);
				controller.enqueue(value);
			} finally {
				clearTimeout(late);
			}
		},
		cancel: (reason) => reader.cancel(reason),
	});
	return new Response(told, { status, headers });
}

/** Whether the Space asks for a login or a token. */
export function needsLogin(error: unknown): boolean {
	return error instanceof AuthenticationError;
}
