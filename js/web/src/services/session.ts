/** What a tab remembers of one Space, so that a reload loses nothing: the session and the last calls. */

import { holdsFile } from "./files";
import { readStored, writeStored } from "./storage";

export interface StoredCall {
	job: string;
	/** The inputs by name, without files and passwords. */
	given: Record<string, unknown>;
}

interface Stored {
	hash: string;
	calls: Record<string, StoredCall>;
}

/** Entries by the name of an endpoint, which may be `constructor` or another name that objects inherit. */
function byName<T>(entries: unknown): Record<string, T> {
	const own = typeof entries === "object" ? entries : null;
	return Object.assign(Object.create(null), own) as Record<string, T>;
}

const VALUES_MAX = 100_000;
const HASH_WORDS = 4;

function newHash(): string {
	return Array.from(crypto.getRandomValues(new Uint32Array(HASH_WORDS)), (word) => word.toString(36)).join("");
}

export class TabSession {
	readonly #key: string;
	readonly #stored: Stored;

	/** `root`: the address of the Space. */
	constructor(root: string) {
		this.#key = `spaceport-session:${root}`;
		this.#stored = this.#read() ?? { hash: newHash(), calls: byName(null) };
		this.#write();
	}

	/** The session as the server knows it. */
	get hash(): string {
		return this.#stored.hash;
	}

	call(endpoint: string): StoredCall | undefined {
		return this.#stored.calls[endpoint];
	}

	/** `given` may be large or hold files: then only the job is kept. */
	saveCall(endpoint: string, job: string, given: Record<string, unknown>): void {
		const plain = Object.fromEntries(Object.entries(given).filter(([, value]) => !holdsFile(value)));
		const small = JSON.stringify(plain).length <= VALUES_MAX;
		this.#stored.calls[endpoint] = { job, given: small ? plain : {} };
		this.#write();
	}

	forgetCall(endpoint: string): void {
		delete this.#stored.calls[endpoint];
		this.#write();
	}

	#read(): Stored | undefined {
		try {
			const found = JSON.parse(readStored(this.#key, "sessionStorage") ?? "null") as Partial<Stored> | null;
			if (typeof found?.hash === "string") return { hash: found.hash, calls: byName(found.calls) };
		} catch {
			// written by something else: start anew
		}
		return undefined;
	}

	#write(): void {
		writeStored(this.#key, JSON.stringify(this.#stored), "sessionStorage");
	}
}
