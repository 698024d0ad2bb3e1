/** Code that makes calls, written by the server: the same that its documents show. */

import type { Recorded } from "./recorder";
import type { SpaceView } from "./space";

export type Language = "python" | "python_async" | "javascript" | "browser" | "bash" | "bash_stream" | "cli";
export const LANGUAGES: [Language, string][] = [
	["python", "Python"],
	["python_async", "Python (async)"],
	["javascript", "JavaScript"],
	["browser", "Browser"],
	["bash", "curl"],
	["bash_stream", "curl (stream)"],
	["cli", "CLI"],
];
export const SECRET = "hf_••••••••";
const MARK = "SPACEPORT_TOKEN_HERE";

export interface Snippet {
	/** As it is shown: without the token. */
	shown: string;
	/** As it is copied. */
	whole: string;
}

/** One call in each language; several as one script, in those that have it. Throws what says why not. */
export async function snippets(space: SpaceView, calls: Recorded[], token: string): Promise<Record<string, Snippet>> {
	const answer = await space.client.fetch(`${space.root}${space.prefix ? `${space.prefix}/` : ""}snippets`, {
		method: "POST",
		headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
		body: JSON.stringify({ calls, ...(token && { token: MARK }) }),
	});
	if (!answer.ok) throw new Error(`The server could not write the code: ${answer.status}.`);
	const found = (await answer.json()) as Record<string, string>;
	return Object.fromEntries(
		Object.entries(found).map(([language, text]) => [
			language,
			{ shown: text.replaceAll(MARK, SECRET), whole: text.replaceAll(MARK, token) },
		]),
	);
}
