/** The files of a Space's repository. */

import { request } from "./http";

export interface RepositoryEntry {
	type: "file" | "directory";
	path: string;
	size: number;
}

export async function listFiles(id: string): Promise<RepositoryEntry[]> {
	return (await request(`api/spaces/${id}/tree/main?recursive=true`)).json() as Promise<RepositoryEntry[]>;
}

export async function getFile(id: string, path: string): Promise<Blob> {
	const encoded = path.split("/").map(encodeURIComponent).join("/");
	return (await request(`spaces/${id}/resolve/main/${encoded}`)).blob();
}
