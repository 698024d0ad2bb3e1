/** Server-sent events out of pieces of text (the HTML standard, «Parsing an event stream»). No I/O in here. */

export interface SseEvent {
	event: string;
	data: string;
	id: string | undefined;
}

export class SseParser {
	#rest = "";
	#data: string[] = [];
	#event = "";
	#id: string | undefined;

	/** The events that a piece completes. */
	feed(piece: string): SseEvent[] {
		const found: SseEvent[] = [];
		const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
		this.#rest = lines.pop() ?? "";
		for (const line of lines) {
			if (line === "") {
				if (this.#data.length) found.push({ event: this.#event, data: this.#data.join("\n"), id: this.#id });
				this.#data = [];
				this.#event = "";
				this.#id = undefined;
				continue;
			}
			const colon = line.indexOf(":");
			const field = colon < 0 ? line : line.slice(0, colon);
			const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
			if (field === "data") this.#data.push(value);
			else if (field === "event") this.#event = value;
			else if (field === "id") this.#id = value;
		}
		return found;
	}
}
