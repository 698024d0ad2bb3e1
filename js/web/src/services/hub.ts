/** The hub's API, as its pages need it. */

import { event_stream } from "./stream";
import { token } from "./token";

export interface Listed {
	id: string;
	author: string;
	sdk: string;
	private: boolean;
	host: string;
	lastModified: string;
	cardData: { title?: string; emoji?: string; short_description?: string };
	runtime: { stage: string; errorMessage?: string };
}

export interface Entry {
	type: "file" | "directory";
	path: string;
	size: number;
}

export class HubError extends Error {
	status: number;

	constructor(status: number, text: string) {
		super(text);
		this.status = status;
	}
}

/** Where the hub is, with a slash at its end. */
export const root = new URL(document.documentElement.dataset.root || "./", location.href).href.replace(/[?#].*/, "");

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
	const headers = token.value ? { authorization: `Bearer ${token.value}` } : {};
	const answer = await fetch(`${root}${path}`, { ...init, headers });
	if (answer.ok) return answer;
	const said = (await answer.json().catch(() => ({}))) as { error?: string };
	throw new HubError(answer.status, said.error ?? `The hub answered ${answer.status}.`);
}

export async function spaces(search: string, signal: AbortSignal): Promise<Listed[]> {
	const query = search ? `?search=${encodeURIComponent(search)}` : "";
	return (await ask(`api/spaces${query}`, { signal })).json() as Promise<Listed[]>;
}

export async function space(id: string): Promise<Listed> {
	return (await ask(`api/spaces/${id}`)).json() as Promise<Listed>;
}

export async function stage(id: string): Promise<Listed["runtime"]> {
	return (await ask(`api/spaces/${id}/runtime`)).json() as Promise<Listed["runtime"]>;
}

export async function tree(id: string): Promise<Entry[]> {
	return (await ask(`api/spaces/${id}/tree/main?recursive=true`)).json() as Promise<Entry[]>;
}

function fileOf(id: string, path: string): string {
	return `spaces/${id}/resolve/main/${path.split("/").map(encodeURIComponent).join("/")}`;
}

export async function file(id: string, path: string): Promise<Blob> {
	return (await ask(fileOf(id, path))).blob();
}

/** Lines as they are printed, those so far first. */
export async function* logs(id: string, which: "run" | "build", signal: AbortSignal): AsyncGenerator<string> {
	const answer = await ask(`api/spaces/${id}/logs/${which}`, { signal });
	for await (const data of event_stream(answer)) {
		if (data) yield (JSON.parse(data) as { data: string }).data;
	}
}
