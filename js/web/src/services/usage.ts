/** How the endpoints of a Space are used, by the engine's own numbers. */

import type { SpaceView } from "./space";

export interface EndpointUsage {
	calls: number;
	succeeded: number;
	failed: number;
	cancelled: number;
	/** Seconds that half of the calls, and 95 of 100, did not exceed; null without a call. */
	run_p50_s: number | null;
	run_p95_s: number | null;
}

/** By the endpoint's name; empty where the server does not tell. */
export async function readUsage(space: SpaceView): Promise<Record<string, EndpointUsage>> {
	try {
		const answer = await space.client.fetch(`${space.apiRoot}usage`);
		return answer.ok ? (((await answer.json()) as { endpoints?: Record<string, EndpointUsage> }).endpoints ?? {}) : {};
	} catch {
		return {};
	}
}
