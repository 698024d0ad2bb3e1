/** The JavaScript client as the page uses it: it keeps the description it loads, and knows when its line is lost. */

import { signal } from "@preact/signals";
import { AuthenticationError, Client, type ClientOptions, type Info } from "spaceport-client";

const STREAM = /\/call\/[^/?]+(\/[^/?]+)?\?events=messages$/;
const INFO = /\/info$/;
const UNREACHABLE = new Set([502, 503, 504]);

export class PageClient extends Client {
	/** True while the connection of a running call is lost and the client tries to open it again. */
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
			if (answer.ok && INFO.test(input)) this.#info = answer.clone().json() as Promise<Info>;
			return answer;
		} catch (error) {
			if (streams) this.reconnecting.value = !init?.signal?.aborted;
			throw error;
		}
	}
}

/** Whether the Space asks for a login or a token. */
export function needsLogin(error: unknown): boolean {
	return error instanceof AuthenticationError;
}
