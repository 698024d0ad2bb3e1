/** One endpoint on the page: what its inputs hold, and the call that runs. */

import { computed, signal, type Signal } from "@preact/signals";
import type { Job } from "spaceport-client";
import type { Field } from "../components/kind";
import { made } from "./made";
import { record } from "./recorder";
import { initial, type EndpointView, type SpaceView } from "./space";

export interface Toast {
	id: number;
	title: string;
	text: string;
	level: string;
}

export interface Step {
	done: number | null;
	of: number | null;
	share: number | null;
	what: string;
}

export type Stage = "ready" | "sending" | "waiting" | "running" | "done" | "failed" | "cancelled";

/** A message of a call, and when it came: milliseconds after the request. */
export interface Seen {
	at_ms: number;
	message: unknown;
}

const SEEN_MAX = 2000;
const SEEN_MS = 100;
let toasts = 0;

export class Call {
	readonly values: Map<string, Signal<unknown>>;
	readonly stage = signal<Stage>("ready");
	/** How many calls are before it, and seconds until its result. */
	readonly place = signal<number | undefined>(undefined);
	readonly eta_s = signal<number | undefined>(undefined);
	readonly begun_at = signal(0);
	readonly took_s = signal<number | undefined>(undefined);
	readonly steps = signal<Step[]>([]);
	readonly outputs = signal<unknown[] | undefined>(undefined);
	readonly problem = signal<Toast | undefined>(undefined);
	readonly toasts = signal<Toast[]>([]);
	readonly seen = signal<Seen[]>([]);
	readonly busy = computed(() => ["sending", "waiting", "running"].includes(this.stage.value));
	readonly #space: SpaceView;
	readonly endpoint: EndpointView;
	#job: Job | undefined;
	readonly #log: Seen[] = [];
	#telling: ReturnType<typeof setTimeout> | undefined;

	constructor(space: SpaceView, endpoint: EndpointView) {
		this.#space = space;
		this.endpoint = endpoint;
		this.values = new Map(endpoint.inputs.map((field) => [field.name, signal(initial(field))]));
	}

	value(name: string): Signal<unknown> {
		return this.values.get(name) as Signal<unknown>;
	}

	/** What the call is given, by name. */
	get given(): Record<string, unknown> {
		return Object.fromEntries(this.endpoint.inputs.map((field) => [field.name, this.value(field.name).value]));
	}

	/** The same for a reader: an example where something is needed and nobody has given it. */
	get shown(): Record<string, unknown> {
		return Object.fromEntries(
			this.endpoint.inputs.map((field) => {
				const value = this.value(field.name).value;
				const untouched = field.required && JSON.stringify(value) === JSON.stringify(initial(field));
				return [field.name, untouched ? (exampleOf(field) ?? value) : value];
			}),
		);
	}

	/** Names of inputs that must be given and are not. */
	readonly missing = computed(() =>
		this.endpoint.inputs
			.filter((field) => field.required && ["", null, undefined].includes(this.value(field.name).value as null) && !nullable(field.schema, field.kind))
			.map((field) => field.label),
	);

	fill(row: unknown[]): void {
		this.endpoint.inputs.forEach((field, place) => {
			if (place < row.length) this.value(field.name).value = structuredClone(row[place]);
		});
	}

	reset(): void {
		for (const field of this.endpoint.inputs) this.value(field.name).value = initial(field);
		this.outputs.value = undefined;
		this.problem.value = undefined;
		if (!this.busy.value) this.stage.value = "ready";
	}

	dismiss(id: number): void {
		this.toasts.value = this.toasts.value.filter((one) => one.id !== id);
	}

	cancel(): void {
		void this.#job?.cancel();
	}

	/** Call, and show what comes. Never throws: what goes wrong is `problem`. Nothing happens while something is missing. */
	async run(): Promise<void> {
		if (this.busy.value || this.missing.value.length) return;
		const given = this.given;
		const started = performance.now();
		this.stage.value = "sending";
		this.begun_at.value = Date.now();
		this.place.value = this.eta_s.value = this.took_s.value = undefined;
		this.problem.value = undefined;
		this.steps.value = [];
		this.#log.length = 0;
		try {
			const headers = { "spaceport-on-disconnect": "cancel" };
			const values = await Promise.all(this.endpoint.inputs.map((field) => made(given[field.name])));
			const job = this.#space.client.submit(`/${this.endpoint.name}`, values, undefined, undefined, true, headers);
			this.#job = job;
			for await (const message of job) {
				this.#note({ at_ms: performance.now() - started, message });
				this.#take(message as unknown as Record<string, unknown>);
			}
			await job.result();
			this.stage.value = "done";
			record(this.endpoint, given, this.outputs.value ?? []);
		} catch (error) {
			this.#fail(error as Error & { code?: string; title?: string });
		} finally {
			this.took_s.value = (performance.now() - started) / 1000;
			this.#job = undefined;
			this.seen.value = [...this.#log];
		}
	}

	/** Messages are shown a few times a second: there may be many. */
	#note(seen: Seen): void {
		this.#log.push(seen);
		if (this.#log.length > SEEN_MAX) this.#log.shift();
		this.#telling ??= setTimeout(() => {
			this.#telling = undefined;
			this.seen.value = [...this.#log];
		}, SEEN_MS);
	}

	#take(message: Record<string, unknown>): void {
		if (message.type === "data") {
			this.outputs.value = message.data as unknown[];
			this.stage.value = "running";
		} else if (message.type === "log") {
			const { title, log, level, duration } = message as { title: string; log: string; level: string; duration: number | null };
			const id = ++toasts;
			this.toasts.value = [...this.toasts.value, { id, title, text: log, level }];
			if (duration !== null) setTimeout(() => this.dismiss(id), duration * 1000);
		} else if (message.type === "status" && this.busy.value) {
			if (message.original_msg === "process_starts") this.stage.value = "running";
			else if (typeof message.position === "number" && this.stage.value !== "running") {
				this.stage.value = "waiting";
				this.place.value = message.position;
			}
			if (typeof message.eta === "number") this.eta_s.value = message.eta;
			const found = message.progress_data as { index: number | null; length: number | null; progress: number | null; desc: string | null }[] | undefined;
			if (found) {
				this.steps.value = found.map((one) => ({
					done: one.index,
					of: one.length,
					share: one.progress ?? (one.index !== null && one.length ? one.index / one.length : null),
					what: one.desc ?? "",
				}));
			}
		}
	}

	#fail(error: Error & { code?: string; title?: string }): void {
		if (error.code === "cancelled" || error.code === "job_cancelled") {
			this.stage.value = "cancelled";
			return;
		}
		this.stage.value = "failed";
		this.problem.value = { id: 0, title: error.title || "Error", text: error.message, level: "error" };
	}
}

/** Gradio's example for a value that it knows nothing about is "...", which is one of a text alone. */
function exampleOf(field: Field): unknown {
	if (field.example !== "...") return field.example;
	return { string: "Hello!!", integer: 3, number: 3 }[String(field.schema.type)];
}

function nullable(schema: Record<string, unknown>, kind: string): boolean {
	if (kind === "textbox" || schema.type === "string") return true; // an empty text is a text
	return (schema.anyOf as { type?: string }[] | undefined)?.some((one) => one.type === "null") ?? false;
}
