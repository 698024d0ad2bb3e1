/** The calls that were made on this Space's page in this browser, newest first: they outlive the tab. */

import { signal } from "@preact/signals";
import { holdsFile } from "./files";
import { readStored, writeStored } from "./storage";

export interface HistoryEntry {
	job: string;
	/** The session that made the call: only who knows it may cancel the call. */
	session: string;
	endpoint: string;
	/** The inputs by name, without files, passwords, and what is too large. */
	given: Record<string, unknown>;
	/** Names of inputs that are left out. */
	omitted: string[];
	/** Set where another browser or a program of the same account made the call: its inputs are not known. */
	elsewhere?: boolean;
	sent_at: number;
	/** How it ended, as the server calls it; undefined while that is not known. */
	state?: string | undefined;
	took_s?: number | undefined;
}

const ENTRIES_MAX = 100;
const VALUE_MAX = 20_000;

export class CallHistory {
	readonly entries = signal<HistoryEntry[]>([]);
	readonly #key: string;

	/** `root`: the address of the Space. */
	constructor(
		root: string,
		readonly session: string,
	) {
		this.#key = `spaceport-calls:${root}`;
		this.entries.value = this.#read();
	}

	add(job: string, endpoint: string, given: Record<string, unknown>, secrets: string[]): void {
		const fits = ([, value]: [string, unknown]) => !holdsFile(value) && (JSON.stringify(value) ?? "").length <= VALUE_MAX;
		const kept = Object.entries(given).filter(fits);
		const omitted = [...secrets, ...Object.keys(given).filter((name) => !kept.some(([own]) => own === name))];
		const entry = { job, session: this.session, endpoint, given: Object.fromEntries(kept), omitted, sent_at: Date.now() };
		this.#write([entry, ...this.#read().filter((one) => one.job !== job)].slice(0, ENTRIES_MAX));
	}

	/** Notes what is known of a job now. */
	update(job: string, known: Partial<HistoryEntry>): void {
		this.#write(this.#read().map((one) => (one.job === job ? { ...one, ...known } : one)));
	}

	remove(job: string): void {
		this.#write(this.#read().filter((one) => one.job !== job));
	}

	clear(): void {
		this.#write([]);
	}

	/** Other tabs write too. */
	reload(): void {
		this.entries.value = this.#read();
	}

	#write(entries: HistoryEntry[]): void {
		this.entries.value = entries;
		writeStored(this.#key, JSON.stringify(entries));
	}

	#read(): HistoryEntry[] {
		try {
			const found = JSON.parse(readStored(this.#key) ?? "[]") as HistoryEntry[];
			return found.filter((one) => typeof one?.job === "string" && typeof one.given === "object");
		} catch {
			return []; // written by something else
		}
	}
}
