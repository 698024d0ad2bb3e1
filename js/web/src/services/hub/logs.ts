/** The logs of a Space's builds and replicas. */

import { eventData } from "../eventstream";
import { request } from "./http";

export type LogKind = "run" | "build";

export interface LogLine {
	/** As ISO 8601. */
	timestamp: string;
	data: string;
}

/** The lines that the app prints, starting with the oldest that the hub keeps. Ends when `signal` aborts. */
export async function* followLog(id: string, kind: LogKind, signal: AbortSignal): AsyncGenerator<LogLine> {
	const answer = await request(`api/spaces/${id}/logs/${kind}`, { signal });
	for await (const data of eventData(answer)) if (data) yield JSON.parse(data) as LogLine;
}
