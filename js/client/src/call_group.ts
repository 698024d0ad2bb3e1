/**
 * Calls of one moment, for a server of ours: one request submits them, and one stream carries their messages. A call
 * that is not accepted there, or whose stream breaks, goes on by itself.
 */

import type { Job } from "./job.js";
import { decode, type Received } from "./messages.js";
import { events, type Transport } from "./transport.js";

/** Calls of a request; the server takes no more. */
const CALLS_MAX = 100;
/** Characters of one of them: longer calls gain nothing, and would hold back the others. */
const LENGTH_MAX = 16_384;

/** One of the calls. */
export interface Member {
	/** Its part of the request. */
	entry: object;
	job: Job;
	/** Take a message of the call; `id` is where to resume after it. */
	receive: (message: Received, id: string | undefined) => void;
}

/** Makes a call together with others of this moment. Resolves when it has ended, or has to go on by itself. */
export type CallGroup = (member: Member) => Promise<void>;

/** A member that is followed, and what lets its call go. */
type Followed = [member: Member, leave: () => void];

export function callGroup(http: Transport): CallGroup {
	const joined: Followed[] = [];
	const send = () => {
		while (joined.length) void follow(http, joined.splice(0, CALLS_MAX));
	};
	return (member) =>
		new Promise((leave) => {
			if (!joined.length) queueMicrotask(send);
			joined.push([member, leave]);
		});
}

async function follow(http: Transport, members: Followed[]): Promise<void> {
	const open = new Map(members);
	const stop = new AbortController();
	const leave = (one: Member) => {
		open.get(one)?.();
		open.delete(one);
	};
	try {
		if (members.length < 2) return;
		const calls: string[] = [];
		const sent: Member[] = [];
		for (const [one] of members) {
			const text = JSON.stringify(one.entry);
			if (text.length > LENGTH_MAX) {
				leave(one);
				continue;
			}
			sent.push(one);
			calls.push(text);
			one.job.signal.addEventListener("abort", () => {
				leave(one);
				if (!open.size) stop.abort();
			});
		}
		const headers = { accept: "text/event-stream", "x-gradio-user": "api" };
		const answer = await http.post("calls", `{"calls":[${calls}]}`, { headers, signal: stop.signal });
		if (!answer.ok) return;
		const byId = new Map<string | null, Member>();
		for await (const piece of events(answer)) {
			for (const event of piece) {
				const message = decode(event);
				if (message.msg === "accepted") {
					for (const [i, { event_id }] of message.data.entries()) {
						const one = sent[i] as Member;
						if (event_id) one.job.accepted(event_id);
						if (!event_id || byId.has(event_id)) leave(one);
						else byId.set(event_id, one);
					}
				}
				const one = byId.get(message.event_id ?? null);
				if (!one || !open.has(one)) continue;
				one.receive(message, event.id);
				if (one.job.run.ended) leave(one);
			}
			if (!open.size) return;
		}
	} catch {
		// each call learns by itself what is wrong
	} finally {
		for (const [one] of members) leave(one);
	}
}
