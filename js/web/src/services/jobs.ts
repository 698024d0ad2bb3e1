/** Jobs on the server: of this browser's session, and of the account. */

import type { HistoryEntry } from "./history";
import type { SpaceView } from "./space";

export interface JobView {
	id: string;
	endpoint: string;
	state: string;
	accepted_at: number;
	started_at: number | null;
	finished_at: number | null;
}

export async function listJobs(space: SpaceView): Promise<JobView[]> {
	const session = encodeURIComponent(space.client.session_hash);
	const answer = await space.client.fetch(`${space.apiRoot}jobs?session_hash=${session}`);
	if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
	return ((await answer.json()) as { jobs: JobView[] }).jobs;
}

/** How a job goes. Undefined: the server has forgotten it, or it is another's. */
export async function readJob(space: SpaceView, id: string): Promise<{ state: string; took_s?: number } | undefined> {
	const answer = await space.client.fetch(`${space.apiRoot}jobs/${encodeURIComponent(id)}`);
	if (answer.status === 404) return { state: "expired" };
	if (!answer.ok) return undefined;
	const { state, accepted_at, started_at, finished_at } = (await answer.json()) as JobView;
	return { state, ...(finished_at !== null && { took_s: finished_at - (started_at ?? accepted_at) }) };
}

/** `session`: the one that made the call. */
export async function cancelJob(space: SpaceView, id: string, session: string): Promise<void> {
	await space.client.fetch(`${space.apiRoot}jobs/${encodeURIComponent(id)}?session_hash=${encodeURIComponent(session)}`, { method: "DELETE" });
}

/**
 * The newest jobs that the signed-in account has on the server, wherever it called; none for a visitor without a name. The
 * server forgets arguments when a job ends, so that these entries have none.
 */
export async function listAccountJobs(space: SpaceView): Promise<HistoryEntry[]> {
	const answer = await space.client.fetch(`${space.apiRoot}jobs?limit=100`);
	if (!answer.ok) return [];
	const { jobs } = (await answer.json()) as { jobs: JobView[] };
	return jobs.map((job) => ({
		job: job.id,
		session: "",
		endpoint: job.endpoint,
		given: {},
		omitted: [],
		elsewhere: true,
		sent_at: job.accepted_at * 1000,
		state: job.state,
		...(job.finished_at !== null && { took_s: job.finished_at - (job.started_at ?? job.accepted_at) }),
	}));
}

/** Calls a failed job again, with the arguments that the server has kept; returns the new job. */
export async function retryJob(space: SpaceView, id: string): Promise<string> {
	const answer = await space.client.fetch(`${space.apiRoot}jobs/${encodeURIComponent(id)}/retry`, { method: "POST" });
	const body = (await answer.json()) as { event_id?: string; detail?: string };
	if (!answer.ok || !body.event_id) throw new Error(body.detail ?? `The server answered ${answer.status}.`);
	return body.event_id;
}

/** The whole event stream of a job, as text. */
export async function getJobEvents(space: SpaceView, id: string): Promise<string> {
	const answer = await space.client.fetch(`${space.apiRoot}call/any/${id}`);
	if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
	return answer.text();
}
