/** Commits to a Space's repository, as `hf upload` sends them. */

import { upload } from "./http";

/** A file of a commit; without `content` it is removed. */
export interface FileChange {
	path: string;
	content?: Blob;
}

function base64Of(content: Blob): Promise<string> {
	return new Promise((resolve, reject) => {
		const reader = new FileReader();
		reader.onload = () => resolve(String(reader.result).split(",", 2)[1] ?? "");
		reader.onerror = () => reject(new Error("The browser cannot read a file any more: choose it again."));
		reader.readAsDataURL(content);
	});
}

/**
 * Commit to main; the id of the commit. `parent`: the commit that the changes are made on, if another one must not have
 * come in between. `progress` is told which share was sent. Rejects with `HubError`.
 */
export async function commit(
	id: string,
	summary: string,
	changes: FileChange[],
	parent?: string | null,
	progress: (share: number) => void = () => undefined,
): Promise<string> {
	const line = (key: string, value: object) => `${JSON.stringify({ key, value })}\n`;
	const pieces: BlobPart[] = [line("header", { summary, ...(parent && { parentCommit: parent }) })];
	for (const { path, content } of changes) {
		if (content === undefined) pieces.push(line("deletedFile", { path }));
		else pieces.push(new Blob([line("file", { path, encoding: "base64", content: await base64Of(content) })]));
	}
	const answer = await upload(`api/spaces/${id}/commit/main`, new Blob(pieces), "application/x-ndjson", progress);
	return (answer as { commitOid: string }).commitOid;
}
