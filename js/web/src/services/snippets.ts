/** Code that makes calls. The server writes it, as it does for its documents. */

import type { RecordedCall } from "./recorder";
import type { SpaceView } from "./space";
import { isSendable } from "./token";

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
/** The command that installs what the code imports. */
export const INSTALL: Partial<Record<Language, string>> = {
	python: "pip install spaceport-hub",
	python_async: "pip install spaceport-hub",
	javascript: "npm install spaceport-client",
	cli: "pip install spaceport-hub",
};
const MASK = "hf_••••••••";
const MARK = "SPACEPORT_TOKEN_HERE";

export interface Snippet {
	/** The code with the token masked. */
	shown: string;
	/** The code as it is copied, with the token. */
	whole: string;
}

/** One call in each language; several calls as one script, in the languages that have scripts. */
export async function writeSnippets(space: SpaceView, calls: RecordedCall[], token: string): Promise<Record<string, Snippet>> {
	const body = JSON.stringify({ calls, ...(token && { token: MARK }) });
	const post = (authorization: Record<string, string>) =>
		space.client.fetch(`${space.apiRoot}snippets`, { method: "POST", headers: { "content-type": "application/json", ...authorization }, body });
	let answer = await post(isSendable(token) ? { authorization: `Bearer ${token}` } : {});
	if (answer.status === 401 && token) answer = await post({}); // a wrong token hides nothing that everybody sees
	if (!answer.ok) throw new Error(`The server could not write the code (status ${answer.status}).`);
	const found = (await answer.json()) as Record<string, string>;
	return Object.fromEntries(
		Object.entries(found).map(([language, text]) => [
			language,
			{ shown: text.replaceAll(MARK, MASK), whole: text.replaceAll(MARK, token) },
		]),
	);
}
