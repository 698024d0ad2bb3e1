/** How a Space is used. */

import { request } from "./http";

/** Times in seconds; null where there were none. */
interface Counts {
	accepted: number;
	succeeded: number;
	failed: number;
	cancelled: number;
	wait_p50_s: number | null;
	wait_p95_s: number | null;
	run_p50_s: number | null;
	run_p95_s: number | null;
}

export interface UsageHour extends Counts {
	at: string;
}

export interface EndpointUsage extends Counts {
	endpoint: string;
	queued: number;
	running: number;
}

export interface SpaceUsage {
	/** The calls of the last seven days. */
	calls: number;
	queued: number;
	running: number;
	/** The hours of seven days that had calls. */
	hours: UsageHour[];
	/** Since the hub started. */
	endpoints: EndpointUsage[];
}

export async function getUsage(id: string): Promise<SpaceUsage> {
	return (await request(`api/spaces/${id}/usage`)).json() as Promise<SpaceUsage>;
}
