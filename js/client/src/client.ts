/** A client of one Space or Gradio app. */

import { callGroup, type CallGroup } from "./call_group.js";
import { directCall } from "./direct.js";
import { bind, described, find, prefixOf, shown, type Endpoint, type JsInfo } from "./endpoints.js";
import { malformed, responseError, AuthenticationError, BusyError, ConnectionError, ServerError, TimeoutError } from "./errors.js";
import { isSpaceName, openHub, tokenOf } from "./hub.js";
import { Job, type CallTransport } from "./job.js";
import { openSession, type Session } from "./queue.js";
import { resumableCall } from "./resumable.js";
import type { Upload } from "./files.js";
import { backoff, pause } from "./retry.js";
import { startRun, type Naming } from "./run.js";
import { events, fields, isUrl, transport, type Fetch, type Fields, type Transport } from "./transport.js";
import { uploadAll } from "./upload.js";
import type { Arguments, CallOptions, ClientOptions, Config, DataMessage, Info, MessageKind } from "./types.js";

const CONNECT_MS = 30_000;

/** What a server takes with a call; JSON leaves out what is undefined. */
type CallBody = Record<"data" | "event_data" | "trigger_id" | "oauth_token" | "fn_index" | "session_hash", unknown>;

export interface DuplicateOptions extends ClientOptions {
	/** The copy's name; usually the token's account and the same name. */
	to?: string;
	private?: boolean;
	hardware?: string;
}

export class Client {
	/** The server's `/config`. */
	declare config: Config;
	/** The server's `/info`, with types of JavaScript. */
	declare api_info: JsInfo;
	declare readonly options: ClientOptions;
	declare readonly session_hash: string;
	/** The URL of the app, with a slash at its end. */
	declare readonly url: string;
	#info!: Info;
	#http: Transport;
	#session: Session;
	#group: CallGroup;
	#jobs = new Set<Job>();
	#closing = new AbortController();

	/**
	 * Connect to a URL, or to `owner/name` on a hub.
	 *
	 * Throws `NotFoundError`, `AuthenticationError`, `BusyError` (the Space cannot run), `ConnectionError`,
	 * `TimeoutError`, `ServerError`.
	 */
	static async connect(src: string, options: ClientOptions = {}): Promise<Client> {
		const timeout = options.timeout ?? CONNECT_MS;
		const limit = AbortSignal.any([AbortSignal.timeout(timeout), options.signal].filter((one) => !!one));
		limit.throwIfAborted();
		const hub = isSpaceName(src) ? openHub(options, limit) : undefined;
		const url = (await hub?.host(src)) ?? src;
		if (!isUrl(url)) {
			throw new ServerError(`${src} is neither a URL nor owner/name.`, { code: "invalid_input" });
		}
		if (options.status_callback) await hub?.running(src, options.status_callback);
		const client = new this(url, options);
		for (let attempt = 0; ; attempt++) {
			try {
				await client.#open(timeout);
				return client;
			} catch (error) {
				if (!(error instanceof BusyError) || !hub || limit.aborted) {
					client.close();
					throw error;
				}
				await hub.running(src); // throws if it never will
				await pause(backoff(attempt), limit);
			}
		}
	}

	/** Copy a Space on its hub, and connect to the copy. The token's account owns it. */
	static async duplicate(space: string, options: DuplicateOptions = {}): Promise<Client> {
		const hub = openHub(options, options.signal ?? new AbortController().signal);
		return Client.connect(await hub.duplicate(space, options), options);
	}

	/** Makes a client that is not connected: use `Client.connect`. */
	constructor(url: string, options: ClientOptions = {}) {
		const clean = new URL(url);
		clean.hash = clean.search = "";
		this.url = clean.href.replace(/\/*$/, "/");
		this.options = options;
		this.session_hash = options.session_hash ?? Math.random().toString(36).slice(2);
		const headers = fields(options.headers);
		const token = tokenOf(options);
		if (token) headers.authorization ??= `Bearer ${token}`;
		if (options.cookies) headers.cookie = options.cookies;
		const fetch: Fetch = (input, init) => this.fetch(input, init);
		const { credentials, signal } = options;
		this.#http = transport(this.url, headers, this.#closing.signal, fetch, credentials && { credentials });
		this.#session = openSession(this.#http, this.session_hash);
		this.#group = callGroup(this.#http);
		signal?.addEventListener("abort", () => this.#end(signal.reason));
	}

	/** All requests go through here; the global `fetch` is looked up for each, so that it can be replaced. */
	fetch(input: string, init?: RequestInit): Promise<Response> {
		return globalThis.fetch(input, init);
	}

	/** Call an endpoint and wait for its result: the last data message. Throws what `Job.result` does. */
	predict<T = unknown[]>(endpoint: string | number, data: Arguments = [], options: CallOptions = {}): Promise<DataMessage<T>> {
		return this.#call(endpoint, data, options, []).result() as Promise<DataMessage<T>>;
	}

	/**
	 * Call an endpoint; its messages come as an async iterable. Throws `NotFoundError` and `ValidationError` for errors
	 * that are found before anything is sent.
	 */
	submit(
		endpoint: string | number,
		data: Arguments = [],
		event_data?: unknown,
		trigger_id?: number | null,
		all_events?: boolean,
		additional_headers?: HeadersInit,
		options: CallOptions = {},
	): Job {
		const kinds: MessageKind[] = all_events ? ["data", "status", "log", "render"] : (this.options.events ?? ["data"]);
		const headers = { ...fields(additional_headers), ...fields(options.headers) };
		return this.#call(endpoint, data, { ...options, headers }, kinds, event_data, trigger_id);
	}

	/** Pick up a job of a server of ours by its id; another program may have made it. */
	async job(id: string, options: CallOptions = {}): Promise<Job> {
		if (!this.#superset("messages")) throw new ServerError("The server keeps no jobs.");
		const view = await this.#http.json<{ endpoint: string }>(
			`jobs/${encodeURIComponent(id)}`,
			"The job",
		);
		const endpoint = find(this.config, this.#info, view.endpoint);
		const job = this.#job(endpoint, options, this.options.events ?? ["data"], {
			endpoint: `/${endpoint.name}`,
			fn_index: endpoint.index,
		});
		const transport = resumableCall(this.#http, view.endpoint, this.session_hash);
		job.accepted(id);
		return job.start(async () => transport);
	}

	/** Describes the endpoints, their parameters and results. */
	async view_api(): Promise<JsInfo> {
		return this.api_info;
	}

	/** Whether the server is the one that this client connected to: "connected", "changed", or "broken". */
	async reconnect(): Promise<"connected" | "changed" | "broken"> {
		try {
			const found = await this.#http.json<{ app_id: unknown }>("app_id", "The app's id");
			return String(found.app_id) === String(this.config.app_id) ? "connected" : "changed";
		} catch {
			return "broken";
		}
	}

	/** End all calls and connections, so that a Node process can exit. */
	close(): void {
		this.#end(new ConnectionError("The client was closed."));
	}

	#end(reason: unknown): void {
		for (const job of this.#jobs) job.abort(reason, true);
		this.#session.close();
		this.#closing.abort(reason);
	}

	async #open(timeout: number): Promise<void> {
		if (this.options.auth) await this.#login(this.options.auth, timeout);
		this.config = await this.#http.json<Config>(`${this.url}config`, undefined, { timeout });
		if (!Array.isArray(this.config?.dependencies)) throw new ServerError(`${this.url} is no Space or Gradio app.`);
		this.#http.base = this.url + prefixOf(this.config);
		this.#info = await this.#http.json<Info>("info", "The app's description", { timeout });
		try {
			this.api_info = described(this.config, this.#info);
		} catch (error) {
			throw malformed(error);
		}
		if (this.config.connect_heartbeat) void this.#beat();
	}

	async #login([username, password]: [string, string], timeout: number): Promise<void> {
		const body = new URLSearchParams({ username, password });
		const answer = await this.#http.send(`${this.url}login`, { method: "POST", body, timeout });
		const { status } = answer;
		if (status < 400) return; // an app without a login redirects
		if (status > 401) throw await responseError(answer, "The login");
		throw new AuthenticationError("The name or password is wrong.", { status });
	}

	/** Keeps the session's state on the server alive, while the client is open. */
	async #beat(): Promise<void> {
		const signal = this.#closing.signal;
		for (let attempt = 0; !signal.aborted; attempt++) {
			try {
				const answer = await this.#http.send(`heartbeat/${this.session_hash}`, { signal });
				if (/^4(?!29)/.test(`${answer.status}`)) return;
				for await (const _ of events(answer, signal)) attempt = 0;
			} catch {
				// the next try
			}
			await pause(backoff(attempt, 1000, 60_000), signal);
		}
	}

	#superset(feature: string): boolean | undefined {
		return [this.config.spaceport?.features].flat().includes(feature);
	}

	#call(
		wanted: string | number,
		data: Arguments,
		options: CallOptions,
		kinds: MessageKind[],
		event_data?: unknown,
		trigger_id?: number | null,
	): Job {
		const endpoint = find(this.config, this.#info, wanted);
		const uploads: Upload[] = [];
		const values = bind(endpoint, this.config, data, uploads);
		const { session_hash } = this;
		const fn_index = endpoint.index;
		const job = this.#job(endpoint, options, kinds, { endpoint: String(wanted), fn_index, event_data, trigger_id });
		return job.start(async () => {
			await uploadAll(this.#http, uploads, job, this.config.max_file_size);
			const oauth_token = endpoint.info?.oauth_token && this.options.oauth_token;
			const body = { data: values, event_data, trigger_id, oauth_token, fn_index, session_hash };
			return this.#transport(endpoint, body, options);
		});
	}

	#transport({ dependency, name }: Endpoint, body: CallBody, options: CallOptions): CallTransport {
		const headers: Fields = { ...fields(options.headers), "x-gradio-user": "api" };
		const path = name?.includes("/") ? undefined : name; // no path leads to such a name
		if (dependency.queue === false && path) return directCall(this.#http, path, body, headers);
		const resumable = this.#superset("messages") && path && dependency.connection !== "stream";
		if (!resumable) return this.#session.call(body, headers);
		if (options.retries != null) headers["spaceport-retries"] = `${options.retries}`;
		if (options.idempotency_key) headers["idempotency-key"] = options.idempotency_key;
		const group = this.#superset("calls") && !Object.keys(headers)[1] ? this.#group : undefined;
		return resumableCall(this.#http, path, this.session_hash, body, headers, group);
	}

	#job({ dependency }: Endpoint, options: CallOptions, kinds: MessageKind[], called: Naming): Job {
		const { signal, timeout } = options;
		const run = startRun({
			...called,
			streams: dependency.connection === "stream",
			queue: dependency.queue !== false,
			status: kinds.includes("status"),
			shown: (data) => (this.options.with_null_state ? data : shown(dependency, this.config, data)),
		});
		const job = new Job(run, kinds);
		const late = () => job.abort(new TimeoutError(`The call had no result within ${timeout} ms and was cancelled.`));
		const timer = timeout === undefined ? undefined : setTimeout(late, timeout);
		const abort = () => job.abort(signal?.reason);
		signal?.addEventListener("abort", abort);
		this.#jobs.add(job);
		void job.over().then(() => {
			this.#jobs.delete(job);
			clearTimeout(timer);
			signal?.removeEventListener("abort", abort);
		});
		if (this.#closing.signal.aborted) job.abort(this.#closing.signal.reason, true);
		else if (signal?.aborted) abort();
		return job;
	}
}
