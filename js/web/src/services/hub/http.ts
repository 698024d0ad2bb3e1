/** Requests to the hub that served the page. */

import { isSendable, token, tokenProblem } from "../token";

export class HubError extends Error {
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

/** The hub's address, with a slash at its end. */
export const hubRoot = new URL(document.documentElement.dataset.root || "./", location.href).href.replace(/[?#].*/, "");

async function fetchHub(path: string, init: RequestInit): Promise<Response> {
	try {
		return await fetch(`${hubRoot}${path}`, init);
	} catch (error) {
		if (init.signal?.aborted) throw error;
		throw new HubError(0, "The hub cannot be reached. Check the connection and try again.");
	}
}

/**
 * Send a request with the visitor's token; a token that the hub does not know is said on the page and left out.
 * Rejects with `HubError` for every answer that is not a success.
 */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
	const own = token.value;
	const sendable = isSendable(own);
	const headers = { ...(init.headers as Record<string, string>) };
	let answer = await fetchHub(path, { ...init, headers: sendable ? { ...headers, authorization: `Bearer ${own}` } : headers });
	if (own === token.value) {
		const unknown = Boolean(own) && (!sendable || answer.status === 401);
		tokenProblem.value = unknown ? "The hub does not know this token. You see what everybody sees." : "";
		if (unknown && sendable) answer = await fetchHub(path, init);
	}
	if (answer.ok) return answer;
	const body = (await answer.json().catch(() => ({}))) as { error?: string };
	throw new HubError(answer.status, body.error ?? `The hub answered ${answer.status}.`);
}

/**
 * POST a large body; the answer's JSON. `progress` is told which share of it was sent: `fetch` cannot say that. Rejects as
 * `request` does.
 */
export function upload(path: string, body: Blob, type: string, progress: (share: number) => void): Promise<unknown> {
	return new Promise((resolve, reject) => {
		const asked = new XMLHttpRequest();
		asked.open("POST", `${hubRoot}${path}`);
		asked.setRequestHeader("content-type", type);
		if (token.value) asked.setRequestHeader("authorization", `Bearer ${token.value}`);
		asked.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
		asked.onerror = () => reject(new HubError(0, "The connection to the hub broke while the files were sent. Try again."));
		asked.onload = () => {
			const answer = parsed(asked.responseText);
			if (asked.status >= 200 && asked.status < 300) resolve(answer);
			else reject(new HubError(asked.status, answer.error ?? `The hub answered ${asked.status}.`));
		};
		asked.send(body);
	});
}

function parsed(text: string): { error?: string } {
	try {
		return JSON.parse(text) as { error?: string };
	} catch {
		return {};
	}
}

/** Send JSON; the answer's JSON. Rejects as `request` does. */
export async function send(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body: unknown = {}): Promise<unknown> {
	const answer = await request(path, { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } });
	return answer.json();
}
