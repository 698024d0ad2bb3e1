/** The jobs of a Space: the visitor's own, or all for who may change it. */

import { request, send } from "./http";

export interface SpaceJob {
	id: string;
	endpoint: string;
	state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
	user: string | null;
	rank: number | null;
	attempt: number;
	/** Seconds since the epoch. */
	accepted_at: number;
	started_at: number | null;
	finished_at: number | null;
	error: { code: string; message: string } | null;
}

export interface JobPage {
	jobs: SpaceJob[];
	next: string | null;
}

export async function listSpaceJobs(id: string, query: { all: boolean; state: string; before?: string }): Promise<JobPage> {
	const parameters = new URLSearchParams({ limit: "50" });
	if (query.all) parameters.set("all", "true");
	if (query.state) parameters.set("state", query.state);
	if (query.before) parameters.set("before", query.before);
	return (await request(`api/spaces/${id}/jobs?${parameters}`)).json() as Promise<JobPage>;
}

export const cancelJob = (id: string, job: string) => send("DELETE", `api/spaces/${id}/jobs/${job}`);
export const retryJob = (id: string, job: string) => send("POST", `api/spaces/${id}/jobs/${job}/retry`);
