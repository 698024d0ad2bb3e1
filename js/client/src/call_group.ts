/**
 * Calls of one moment, for a server of ours: one request submits them, and one stream carries their messages. A call
 * that is not accepted there, or whose stream breaks, goes on by itself.
 */

import type { Job } from "./job.js";
import { decode, type Received } from "./messages.js";
import { events, type Transport } from "./transport.js";

/** Calls of a request; the server takes no more. */
const CALLS_MAX = 100;

/** One of the calls. */
export interface Member {
	/** Its part of the request. */
	entry: object;
	job: Job;
	/** Take a message of the call; `id` is where to resume after it. */
	take: (message: Received, id: string | undefined) => void;
}

/** Makes a call together with others of this moment. Resolves when it has ended, or has to go on by itself. */
export type CallGroup = (member: Member) => Promise<void>;

interface Joined extends Member {
	/** Resolves what `CallGroup` returned. */
	leave: () => void;
}

export function callGroup(http: Transport): CallGroup {
	const joined: Joined[] = [];
	const send = () => {
		while (joined.length) void follow(http, joined.splice(0, CALLS_MAX));
	};
	return (member) =>
		new Promise((leave) => {
			if (!joined.length) queueMicrotask(send);
			joined.push({ ...member, leave });
		});
}

async function follow(http: Transport, members: Joined[]): Promise<void> {
	const running = new Map<string | null | undefined, Joined>();
	try {
		if (members.length < 2) return;
		const calls = members.map(({ entry }) => entry);
		const headers = { accept: "text/event-stream", "x-gradio-user": "api" };
		for await (const piece of events(await http.post("calls", { calls }, { headers }))) {
			for (const event of piece) {
				const message = decode(event);
				if (message.msg === "accepted") {
					for (const [i, { event_id }] of message.data.entries()) {
						const one = members[i] as Joined;
						if (event_id) one.job.accepted(event_id);
						if (!event_id || running.has(event_id)) one.leave();
						else running.set(event_id, one);
					}
				}
				const one = running.get(message.event_id);
				one?.take(message, event.id);
				if (one?.job.run.ended) {
					one.leave();
					running.delete(message.event_id);
					if (!running.size) return;
				}
			}
		}
	} catch {
		// each call learns by itself what is wrong
	} finally {
		for (const one of members) one.leave();
	}
}
