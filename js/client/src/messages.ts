/** Decodes the messages of event streams: the only place that knows how an event becomes one. No I/O in here. */

import { JobLostError, LOST } from "./errors.js";
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

/** What a server of ours says of a job that it does not have, or no longer. */
const UNKNOWN_JOB = "404: Not Found";

/**
 * Throws for what is no message, and `JobLostError` where the server does not have the job. A named event of a server of
 * ours is a message of that kind, about the stream itself.
 */
export function decode({ event, data }: SseEvent): Received {
	const message = JSON.parse(data);
	if (event === "error" && message === UNKNOWN_JOB) throw new JobLostError(LOST);
	if (event && event !== "message") return { msg: event, data: message } as Received;
	if ("msg" in message) return message;
	throw new TypeError();
}
