/** Parses server-sent events from pieces of text (the HTML standard, «Parsing an event stream»). No I/O in here. */

import { ServerError } from "./errors.js";

export interface SseEvent {
	event: string;
	data: string;
	id: string | undefined;
}

/** Characters that one event may have, unless the parser is told otherwise. */
const EVENT_MAX = 2 ** 27;

/** Make a parser: it takes a piece, and returns the events that the piece completes. It throws for one above the limit. */
export function sseParser(limit = EVENT_MAX): (piece: string) => SseEvent[] {
	/** The incomplete line: joined when it ends, so that each piece is looked at once. */
	let pieces: string[] = [];
	let size = 0;
	let data: string[] = [];
	let event = "";
	let id: string | undefined;
	/** The last piece ended with a carriage return: a line feed that follows belongs to it. */
	let cr = false;

	return (piece) => {
		const found: SseEvent[] = [];
		const lines = (cr && piece[0] === "\n" ? piece.slice(1) : piece).split(/\r\n|\n|\r/);
		if (piece) cr = piece.endsWith("\r");
		const rest = lines.pop() as string;
		for (const end of lines) {
			const line = pieces.join("") + end;
			pieces = [];
			if (!line) {
				if (data.length) found.push({ event, data: data.join("\n"), id });
				data = [];
				event = "";
				id = undefined;
				size = 0;
				continue;
			}
			const [, field, value = ""] = /^([^:]*):? ?(.*)/s.exec(line) as string[];
			if (field === "data") data.push(value);
			else if (field === "event") event = value;
			else if (field === "id") id = value;
			size += end.length;
		}
		size += rest.length;
		if (rest) pieces.push(rest);
		if (size > limit) throw new ServerError(`An event has more than ${limit} characters.`);
		return found;
	};
}
