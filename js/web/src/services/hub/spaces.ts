/** Spaces: the list, one of them, and its stage. */

import { request } from "./http";

const SPACES_MAX = 10_000;

export interface SpaceRuntime {
	stage: string;
	errorMessage?: string;
	/** What of the repository this hub does not do. */
	notices?: string[];
}

export interface SpaceSummary {
	id: string;
	author: string;
	sdk: string;
	private: boolean;
	/** The address of the app. */
	host: string;
	lastModified: string;
	tags: string[];
	cardData: { title?: string; emoji?: string; short_description?: string };
	runtime: SpaceRuntime;
}

/** All Spaces that the visitor may see, up to a bound. */
export async function listSpaces(signal: AbortSignal): Promise<SpaceSummary[]> {
	const found: SpaceSummary[] = [];
	for (let path: string | undefined = "api/spaces"; path !== undefined && found.length < SPACES_MAX; ) {
		const answer: Response = await request(path, { signal });
		found.push(...((await answer.json()) as SpaceSummary[]));
		path = nextPage(answer);
	}
	return found;
}

/** The path that `Link: <…>; rel="next"` names. */
function nextPage(answer: Response): string | undefined {
	const query = /<[^>?]*(\?[^>]*)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
	return query && `api/spaces${query}`;
}

export async function getSpace(id: string): Promise<SpaceSummary> {
	return (await request(`api/spaces/${id}`)).json() as Promise<SpaceSummary>;
}

export async function getRuntime(id: string): Promise<SpaceRuntime> {
	return (await request(`api/spaces/${id}/runtime`)).json() as Promise<SpaceRuntime>;
}
