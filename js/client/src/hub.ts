/** Finds `owner/name` on a hub, waits until it runs, and copies it, by the Hub's HTTP API. */

import { responseError, BusyError, ServerError } from "./errors.js";
import { backoff, pause } from "./retry.js";
import { Transport, type Fields } from "./transport.js";
import type { ClientOptions, SpaceStatus } from "./types.js";

const HUGGING_FACE = "https://huggingface.co";
const NAME = /^[\w.-]+\/[\w.-]+$/;
const WAITING: Record<string, SpaceStatus["status"]> = {
	SLEEPING: "sleeping",
	STOPPED: "sleeping",
	BUILDING: "building",
	APP_STARTING: "starting",
	RUNNING_APP_STARTING: "running",
	RUNNING_BUILDING: "running",
	RUNNING: "running",
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

export function isSpaceName(src: string): boolean {
	return NAME.test(src);
}

/** Requests to a hub with one caller's token. */
export class Hub {
	readonly http: Transport;

	constructor(options: ClientOptions, signal: AbortSignal) {
		const env = globalThis.process?.env;
		const base = options.hub ?? env?.SPACEPORT_HUB ?? env?.HF_ENDPOINT ?? HUGGING_FACE;
		const token = tokenOf(options);
		const headers = token ? { authorization: `Bearer ${token}` } : ({} as Fields);
		this.http = new Transport(`${base.replace(/\/+$/, "")}/`, headers, signal);
	}

	/** The Space's own address. Throws `NotFoundError` also for one that is private to others. */
	async host(space: string): Promise<string> {
		const { host } = await this.http.json<{ host?: unknown }>(
			`api/spaces/${space}/host`,
			`The Space ${space} (it may be private: give a token)`,
		);
		if (typeof host === "string" && /^https?:\/\//.test(host)) return host;
		throw new ServerError(`The hub named no address for ${space}.`);
	}

	/** Wait until the Space runs. Throws `BusyError` if it cannot run, or the reason of `signal`. */
	async running(space: string, told: ((status: SpaceStatus) => void) | undefined, signal: AbortSignal): Promise<void> {
		for (let attempt = 0; ; attempt++) {
			const found = await this.http.json<{ stage?: string }>(`api/spaces/${space}/runtime`, `The Space ${space}`);
			const stage = found.stage ?? "RUNNING";
			const status = WAITING[stage];
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
			if (signal.aborted) throw signal.reason;
			if (status === "sleeping") await this.http.send(await this.host(space)).then((one) => one.body?.cancel());
		}
	}

	/** Copy a Space unless the copy exists; returns the copy's name. */
	async duplicate(space: string, wanted: { to?: string; private?: boolean; hardware?: string }): Promise<string> {
		const me = await this.http.json<{ name: string }>("api/whoami-v2", "The account of the token");
		const repository = wanted.to ?? `${me.name}/${space.split("/")[1]}`;
		const { private: hidden = true, hardware } = wanted;
		const answer = await this.http.post(`api/spaces/${space}/duplicate`, { repository, private: hidden, hardware });
		if (!answer.ok && answer.status !== 409) throw await responseError(answer, `A copy of ${space}`);
		return repository;
	}
}
