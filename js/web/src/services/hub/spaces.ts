/** Spaces: pages of the list, one of them, and what can be done to it. */

import { request, send } from "./http";

export interface SpaceRuntime {
	stage: string;
	errorMessage?: string;
	/** What of the repository this hub does not do. */
	notices?: string[];
	replicas?: { current: number; requested: number };
	/** Seconds without a request until it sleeps, -1: never. */
	gcTimeout?: number;
}

export interface SpaceSummary {
	id: string;
	author: string;
	sdk: string;
	sha: string | null;
	private: boolean;
	/** The address of the app. */
	host: string;
	createdAt: string;
	lastModified: string;
	tags: string[];
	/** The calls of the last seven days. */
	calls: number;
	/** What the author wrote, of any kind. */
	cardData: Record<string, unknown>;
	runtime: SpaceRuntime;
	/** Whether the visitor may change it; lists do not say. */
	canWrite?: boolean;
}

/** Which Spaces a list shows. */
export interface SpaceQuery {
	search?: string;
	author?: string;
	tag?: string;
	/** Stages with commas between them. */
	stage?: string;
	sort?: string;
	limit?: number;
}

export interface SpacePage {
	spaces: SpaceSummary[];
	/** The path of the page after it. */
	next: string | undefined;
}

/** The path of a list's first page. */
export function pathOfList({ tag, ...query }: SpaceQuery): string {
	const parameters = new URLSearchParams();
	for (const [name, value] of Object.entries({ ...query, filter: tag })) if (value) parameters.set(name, String(value));
	return `api/spaces?${parameters}`;
}

export async function getSpaces(path: string, signal: AbortSignal): Promise<SpacePage> {
	const answer = await request(path, { signal });
	const query = /<[^>?]*(\?[^>]*)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
	return { spaces: (await answer.json()) as SpaceSummary[], next: query && `api/spaces${query}` };
}

export async function getSpace(id: string): Promise<SpaceSummary> {
	return (await request(`api/spaces/${id}`)).json() as Promise<SpaceSummary>;
}

export async function getRuntime(id: string): Promise<SpaceRuntime> {
	return (await request(`api/spaces/${id}/runtime`)).json() as Promise<SpaceRuntime>;
}

export const restartSpace = (id: string) => send("POST", `api/spaces/${id}/restart`);
export const pauseSpace = (id: string) => send("POST", `api/spaces/${id}/pause`);
export const setSleepTime = (id: string, seconds: number) => send("POST", `api/spaces/${id}/sleeptime`, { seconds });
export const setPrivate = (id: string, hidden: boolean) => send("PUT", `api/spaces/${id}/settings`, { private: hidden });

export function deleteSpace(id: string): Promise<unknown> {
	const [organization, name] = id.split("/");
	return send("DELETE", "api/repos/delete", { type: "space", organization, name });
}

/** Rename it, give it to another owner, or both. */
export function moveSpace(fromRepo: string, toRepo: string): Promise<{ name: string }> {
	return send("POST", "api/repos/move", { type: "space", fromRepo, toRepo }) as Promise<{ name: string }>;
}

export function createSpace(organization: string, name: string, sdk: string, hidden: boolean): Promise<{ name: string }> {
	return send("POST", "api/repos/create", { type: "space", organization, name, sdk, private: hidden }) as Promise<{ name: string }>;
}

/** A text of the front matter, which may be anything. */
export function cardText(space: SpaceSummary, key: string): string {
	const value = space.cardData[key];
	return typeof value === "string" ? value : "";
}

export function titleOf(space: SpaceSummary): string {
	return cardText(space, "title") || (space.id.split("/")[1] ?? space.id);
}
