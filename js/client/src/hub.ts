/** Finds `owner/name` on a hub, waits until it runs, and copies it, by the Hub's HTTP API. */

import { responseError, BusyError, ServerError } from "./errors.js";
import { backoff, pause } from "./retry.js";
import { isUrl, transport, type Fields } from "./transport.js";
import type { ClientOptions, SpaceStatus } from "./types.js";

const HUGGING_FACE = "https://huggingface.co";
/** What a program is told of a stage in which a Space will run. */
const WAITING: Record<string, SpaceStatus["status"]> = {
	SLEEPING: "sleeping",
	STOPPED: "sleeping",
	BUILDING: "building",
	APP_STARTING: "starting",
};
let warned = false;

/** The token of a program, also under its old name, which is warned of once. */
export function tokenOf({ token, hf_token }: ClientOptions): string | undefined {
	if (hf_token && !warned) {
		warned = true;
		console.warn("The option hf_token is now called token.");
	}
	return token ?? hf_token;
}

export const isSpaceName = (src: string): boolean => /^[\w.-]+\/[\w.-]+$/.test(src);

/** Requests to a hub with one caller's token. */
export interface Hub {
	/** The Space's own address. Throws `NotFoundError` also for one that is private to others. */
	host(space: string): Promise<string>;
	/** Wait until the Space runs. Throws `BusyError` if it cannot run, or the reason of the signal. */
	running(space: string, told?: (status: SpaceStatus) => void): Promise<void>;
	/** Copy a Space unless the copy exists; returns the copy's name. */
	duplicate(space: string, wanted: { to?: string; private?: boolean; hardware?: string }): Promise<string>;
}

export function openHub(options: ClientOptions, signal: AbortSignal): Hub {
	const env = globalThis.process?.env;
	const base = options.hub ?? env?.SPACEPORT_HUB ?? env?.HF_ENDPOINT ?? HUGGING_FACE;
	const token = tokenOf(options);
	const headers: Fields = token ? { authorization: `Bearer ${token}` } : {};
	const http = transport(`${base.replace(/\/+$/, "")}/api/`, headers, signal);

	async function host(space: string): Promise<string> {
		const { host } = await http.json<{ host?: unknown }>(
			`spaces/${space}/host`,
			`The Space ${space} (it may be private: give a token)`,
		);
		if (typeof host === "string" && isUrl(host)) return host;
		throw new ServerError(`The hub has no host for ${space}.`);
	}

	return {
		host,
		async running(space, told) {
			for (let attempt = 0; ; attempt++) {
				const { stage = "RUNNING" } = await http.json<{ stage?: string }>(`spaces/${space}/runtime`, `The Space ${space}`);
				const status = /^RUNNING/.test(stage) ? "running" : WAITING[stage];
				const done = status === "running" || (status === "sleeping" && !told);
				const message = status ? `Space is ${status}.` : `The Space ${space} takes no calls: it is ${stage}.`;
				told?.({
					status: status ?? (stage === "PAUSED" ? "paused" : "space_error"),
					detail: stage,
					load_status: done ? "complete" : status ? "pending" : "error",
					message,
				});
				if (done) return;
				if (!status) throw new BusyError(message);
				await pause(backoff(attempt, 500, 3000), signal);
				signal.throwIfAborted();
				if (status === "sleeping") await (await http.send(await host(space))).body?.cancel();
			}
		},
		async duplicate(space, { to, private: hidden = true, hardware }) {
			const { name } = await http.json<{ name: string }>("whoami-v2", "The account of the token");
			const repository = to ?? `${name}/${space.split("/")[1]}`;
			const answer = await http.post(`spaces/${space}/duplicate`, { repository, private: hidden, hardware });
			if (!answer.ok && answer.status !== 409) throw await responseError(answer, `A copy of ${space}`);
			return repository;
		},
	};
}
