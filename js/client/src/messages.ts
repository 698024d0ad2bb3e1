/** Decodes the messages of event streams: the only place that knows how an event becomes one. No I/O in here. */

import { ServerError } from "./errors.js";
import type { SseEvent } from "./sse.js";
import type { ServerMessage } from "./wire.js";

/** The first message of a stream of several calls: the id of each, in their order, where it was accepted. */
export interface Accepted {
	msg: "accepted";
	event_id?: undefined;
	data: { event_id?: string }[];
}

/** How far an upload is. */
export type UploadProgress = { msg: "update"; event_id?: undefined; chunk_size: number } | { msg: "done"; event_id?: undefined };

export type Received = ServerMessage | Accepted | UploadProgress;

/** Throws `ServerError`. A named event of a server of ours is a message of that kind, about the stream itself. */
export function decode({ event, data }: SseEvent): Received {
	try {
		const message = JSON.parse(data);
		return event && event !== "message" ? ({ msg: event, data: message } as Received) : message;
	} catch (cause) {
		throw new ServerError("A message of the stream is not JSON.", { cause });
	}
}
