/** Parses server-sent events from pieces of text (the HTML standard, «Parsing an event stream»). No I/O in here. */

export interface SseEvent {
	event: string;
	data: string;
	id: string | undefined;
}

/** Characters that one event may have, unless the parser is told otherwise. */
const EVENT_MAX = 2 ** 27;

export class SseParser {
	readonly #limit: number;
	/** The incomplete line: joined when it ends, so that each piece is looked at once. */
	#pieces: string[] = [];
	#size = 0;
	#data: string[] = [];
	#event = "";
	#id: string | undefined;
	/** The last piece ended with a carriage return: a line feed that follows belongs to it. */
	#cr = false;

	constructor(limit = EVENT_MAX) {
		this.#limit = limit;
	}

	/** Returns the events that a piece completes. Throws for an event above the limit. */
	feed(piece: string): SseEvent[] {
		const found: SseEvent[] = [];
		const lines = (this.#cr && piece[0] === "\n" ? piece.slice(1) : piece).split(/\r\n|\n|\r/);
		if (piece) this.#cr = piece.endsWith("\r");
		const rest = lines.pop() as string;
		for (const end of lines) {
			const line = this.#pieces.join("") + end;
			this.#pieces = [];
			if (line === "") {
				if (this.#data.length) found.push({ event: this.#event, data: this.#data.join("\n"), id: this.#id });
				this.#data = [];
				this.#event = "";
				this.#id = undefined;
				this.#size = 0;
				continue;
			}
			const colon = line.indexOf(":");
			const field = colon < 0 ? line : line.slice(0, colon);
			const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
			if (field === "data") this.#data.push(value);
			else if (field === "event") this.#event = value;
			else if (field === "id") this.#id = value;
			this.#size += end.length;
		}
		this.#size += rest.length;
		if (rest) this.#pieces.push(rest);
		if (this.#size > this.#limit) throw new Error(`An event has more than ${this.#limit} characters.`);
		return found;
	}
}
