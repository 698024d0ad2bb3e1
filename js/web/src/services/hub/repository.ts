/** The files and commits of a Space's repository. */

import { request } from "./http";

export interface RepositoryEntry {
	type: "file" | "directory";
	path: string;
	size: number;
}

export interface RepositoryCommit {
	id: string;
	title: string;
	message: string;
	date: string;
	authors: { user: string }[];
}

const encodePath = (path: string) => path.split("/").map(encodeURIComponent).join("/");

/** The entries of one directory. */
export async function listFiles(id: string, revision: string, path: string): Promise<RepositoryEntry[]> {
	const below = path && `/${encodePath(path)}`;
	return (await request(`api/spaces/${id}/tree/${encodeURIComponent(revision)}${below}`)).json() as Promise<RepositoryEntry[]>;
}

export async function getFile(id: string, path: string, revision = "main"): Promise<Blob> {
	return (await request(`spaces/${id}/resolve/${encodeURIComponent(revision)}/${encodePath(path)}`)).blob();
}

/** Newest first. */
export async function listCommits(id: string, revision: string): Promise<RepositoryCommit[]> {
	return (await request(`api/spaces/${id}/commits/${encodeURIComponent(revision)}`)).json() as Promise<RepositoryCommit[]>;
}

export interface CommitWithDiff extends RepositoryCommit {
	/** Unified, as git writes it. */
	diff: string;
	/** There is more. */
	truncated: boolean;
}

export async function getCommit(id: string, revision: string): Promise<CommitWithDiff> {
	return (await request(`api/spaces/${id}/commit/${encodeURIComponent(revision)}`)).json() as Promise<CommitWithDiff>;
}

const DOWNLOAD_MS = 10_000;

/** Save something in the browser's folder of downloads. */
export function saveAs(data: Blob, name: string): void {
	const address = URL.createObjectURL(data);
	const link = document.createElement("a");
	link.href = address;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(address), DOWNLOAD_MS);
}
