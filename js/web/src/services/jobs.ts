/** The jobs that this browser's session has on the server. */

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

/** The whole event stream of a job, as text. */
export async function getJobEvents(space: SpaceView, id: string): Promise<string> {
	const answer = await space.client.fetch(`${space.apiRoot}call/any/${id}`);
	return answer.text();
}
