/** One endpoint on the page: the values of its inputs, and the call that runs. */

import { computed, signal, type Signal } from "@preact/signals";
import type { Job } from "spaceport-client";
import type { Fault, Field } from "../components/kind";
import { initialValue, kindOf } from "../components/registry";
import { Draft } from "./draft";
import { readFaults, type Refusal, valueAt } from "./faults";
import { resolveFiles } from "./lazyfile";
import { record } from "./recorder";
import { shorten } from "./shorten";
import type { EndpointView, SpaceView } from "./space";

export interface Notice {
	id: number;
	title: string;
	text: string;
	level: string;
	/** How long it is shown; null until it is closed. */
	duration_s?: number | null;
}

/** A progress bar. */
export interface ProgressStep {
	done: number | null;
	of: number | null;
	/** From 0 to 1; null where the end is not known. */
	share: number | null;
	unit: string;
	label: string;
}

export type Stage = "ready" | "sending" | "waiting" | "running" | "done" | "failed" | "cancelled";

/** A message of a call, and when it came: milliseconds after the request. */
export interface ReceivedMessage {
	at_ms: number;
	message: unknown;
}

/** An error as the client throws it. */
interface CallError extends Error {
	code?: string;
	title?: string;
	problems?: (Refusal | null)[];
}

const MESSAGES_MAX = 2000;
/** Characters of an error or a notice that are shown. */
const PROBLEM_MAX = 50_000;
/** Characters of a progress bar's label that are shown. */
const LABEL_MAX = 300;
const NOTICES_MAX = 10;
const MESSAGES_SHOWN_MS = 100;
let notices = 0;

export class Call {
	readonly endpoint: EndpointView;
	readonly values: Map<string, Signal<unknown>>;
	readonly stage = signal<Stage>("ready");
	/** The job's id, once the server has accepted the call. */
	readonly job = signal<string | undefined>(undefined);
	/** How many calls are ahead in the queue. */
	readonly position = signal<number | undefined>(undefined);
	/** Seconds until the result, as the server estimates. */
	readonly eta_s = signal<number | undefined>(undefined);
	readonly started_at = signal(0);
	readonly took_s = signal<number | undefined>(undefined);
	readonly steps = signal<ProgressStep[]>([]);
	readonly outputs = signal<unknown[] | undefined>(undefined);
	readonly problem = signal<Notice | undefined>(undefined);
	readonly notices = signal<Notice[]>([]);
	readonly messages = signal<ReceivedMessage[]>([]);
	readonly busy = computed(() => ["sending", "waiting", "running"].includes(this.stage.value));
	/** Labels of inputs that must be given and are not. */
	readonly missing = computed(() => this.endpoint.inputs.filter((field) => this.#isMissing(field)).map((field) => field.label));
	readonly drafts = computed(() => this.endpoint.inputs.filter((field) => this.value(field.name).value instanceof Draft));
	/** Whether all inputs hold values that can be sent. */
	readonly ready = computed(() => !this.missing.value.length && !this.drafts.value.length);
	readonly reconnecting = computed(() => this.busy.value && this.#space.reconnecting.value);
	readonly #space: SpaceView;
	/** What the server refused, by input: the value then, and what is wrong with it. */
	readonly #refused = signal(new Map<string, { value: unknown; faults: Fault[] }>());
	/** Grows with each refusal that names inputs. */
	readonly refusals = signal(0);
	#running: Job | undefined;
	#cancelled = false;
	readonly #log: ReceivedMessage[] = [];
	#publishing: ReturnType<typeof setTimeout> | undefined;

	constructor(space: SpaceView, endpoint: EndpointView) {
		this.#space = space;
		this.endpoint = endpoint;
		this.values = new Map(endpoint.inputs.map((field) => [field.name, signal(initialValue(field))]));
	}

	value(name: string): Signal<unknown> {
		return this.values.get(name) as Signal<unknown>;
	}

	/** What the call is sent with, by name. */
	get given(): Record<string, unknown> {
		return Object.fromEntries(this.endpoint.inputs.map((field) => [field.name, this.value(field.name).value]));
	}

	/** The same for code that is shown: with an example where a value is needed and none is given. */
	get shown(): Record<string, unknown> {
		return Object.fromEntries(
			this.endpoint.inputs.map((field) => {
				const value = this.value(field.name).value;
				const untouched = field.required && JSON.stringify(value) === JSON.stringify(initialValue(field));
				return [field.name, untouched || value instanceof Draft ? (exampleOf(field) ?? value ?? null) : value];
			}),
		);
	}

	/** Whether all inputs hold what they began with. */
	get untouched(): boolean {
		return this.endpoint.inputs.every((field) => JSON.stringify(this.value(field.name).value) === JSON.stringify(initialValue(field)));
	}

	/** What is wrong with an input as a whole: its text is no value yet, or the server refused the value that it still holds. */
	problemOf(field: Field): string {
		const value = this.value(field.name).value;
		if (value instanceof Draft) return value.problem;
		const inside = kindOf(field).faults;
		const found = this.faultsOf(field.name).filter(({ path }) => !inside || !path.length);
		return found.map(({ path, why }) => [...path, why].join(": ")).join("\n");
	}

	/** What the server refused inside an input, where that still holds the same. */
	faultsOf(name: string): Fault[] {
		const value = this.value(name).value;
		const refused = this.#refused.value.get(name);
		if (!refused || value instanceof Draft) return [];
		return refused.faults.filter(({ path }) => valueAt(value, path) === valueAt(refused.value, path));
	}

	fill(row: unknown[]): void {
		this.endpoint.inputs.forEach((field, index) => {
			if (index < row.length) this.value(field.name).value = structuredClone(row[index]);
		});
	}

	/** Values by name; inputs that are not named keep theirs. */
	fillNamed(given: Record<string, unknown>): void {
		for (const [name, value] of Object.entries(given)) {
			const own = this.values.get(name);
			if (own) own.value = structuredClone(value);
		}
	}

	clear(field: Field): void {
		this.value(field.name).value = initialValue(field);
	}

	reset(): void {
		for (const field of this.endpoint.inputs) this.clear(field);
		if (this.busy.value) return;
		this.outputs.value = undefined;
		this.problem.value = undefined;
		this.stage.value = "ready";
		this.#space.session.forgetCall(this.endpoint.name);
	}

	dismiss(id: number): void {
		this.notices.value = this.notices.value.filter((one) => one.id !== id);
	}

	cancel(): void {
		this.#cancelled = true;
		void this.#running?.cancel();
	}

	/**
	 * Send the call and show what comes; `instead` has values that the inputs do not hold. `through`: another endpoint that
	 * takes these values and more. Never rejects.
	 */
	async run(instead: Record<string, unknown> = {}, through?: { name: string; arrange: (values: unknown[]) => unknown[] }): Promise<void> {
		if (this.busy.value || !this.#isReady(instead)) return;
		const given = { ...this.given, ...instead };
		const submit = async () => {
			const headers = { "spaceport-on-disconnect": "cancel" };
			const values = await Promise.all(this.endpoint.inputs.map((field) => resolveFiles(given[field.name])));
			const sent = through ? ((await resolveFiles(through.arrange(values))) as unknown[]) : values;
			return this.#space.client.submit(`/${through?.name ?? this.endpoint.name}`, sent, undefined, undefined, true, headers);
		};
		await this.#follow(submit, given);
	}

	/** Show a job that was submitted before the page was loaded, whether it has ended or not. Never rejects. */
	async attach(job: string): Promise<void> {
		if (this.busy.value || !this.#space.resumable) return;
		await this.#follow(() => this.#space.client.job(job));
	}

	/** After a reload: the inputs and the last call, as they were. */
	restore(): void {
		const stored = this.#space.session.call(this.endpoint.name);
		if (!stored) return;
		this.fillNamed(stored.given);
		void this.attach(stored.job);
	}

	/** `given` is undefined for a job that this page did not submit. */
	async #follow(open: () => Promise<Job>, given?: Record<string, unknown>): Promise<void> {
		const started = performance.now();
		this.#begin();
		try {
			const job = await open();
			this.#running = job;
			if (this.#cancelled) void job.cancel();
			void job.wait_for_id().then((id) => id !== null && this.#accepted(id, given));
			for await (const message of job) {
				this.#log.push({ at_ms: performance.now() - started, message });
				this.#publish();
				this.#take(message as unknown as Record<string, unknown>);
			}
			await job.result();
			this.stage.value = "done";
			if (given) record(this.endpoint, given, this.outputs.value ?? []);
		} catch (error) {
			this.#fail(error as CallError, given);
		} finally {
			this.took_s.value = given && (performance.now() - started) / 1000;
			this.#running = undefined;
			this.messages.value = [...this.#log];
		}
	}

	#begin(): void {
		this.#cancelled = false;
		this.stage.value = "sending";
		this.started_at.value = Date.now();
		this.job.value = this.position.value = this.eta_s.value = this.took_s.value = undefined;
		this.problem.value = undefined;
		this.#refused.value = new Map();
		this.steps.value = [];
		this.#log.length = 0;
	}

	#accepted(id: string, given: Record<string, unknown> | undefined): void {
		this.job.value = id;
		if (!given || !this.#space.resumable) return;
		const secrets = this.endpoint.inputs.filter((field) => field.props.type === "password").map((field) => field.name);
		const names = this.endpoint.inputs.map((field) => field.name).filter((name) => !secrets.includes(name));
		const open = Object.fromEntries(names.map((name) => [name, given[name]]));
		this.#space.session.saveCall(this.endpoint.name, id, open);
		this.#space.history.add(id, this.endpoint.name, open, secrets);
	}

	/** Messages are shown a few times a second: there may be many. */
	#publish(): void {
		if (this.#log.length > MESSAGES_MAX) this.#log.shift();
		this.#publishing ??= setTimeout(() => {
			this.#publishing = undefined;
			this.messages.value = [...this.#log];
		}, MESSAGES_SHOWN_MS);
	}

	#take(message: Record<string, unknown>): void {
		if (message.type === "data") {
			this.outputs.value = message.data as unknown[];
			this.stage.value = "running";
		} else if (message.type === "log") {
			const { title, log, level, duration } = message as { title: string; log: string; level: string; duration: number | null };
			const id = ++notices;
			this.notices.value = [...this.notices.value, { id, title, text: shorten(log, PROBLEM_MAX), level, duration_s: duration }].slice(-NOTICES_MAX);
			if (typeof duration === "number") setTimeout(() => this.dismiss(id), duration * 1000);
		} else if (message.type === "status" && this.busy.value) this.#status(message);
	}

	#status(message: Record<string, unknown>): void {
		if (message.original_msg === "process_starts") {
			this.stage.value = "running";
			this.steps.value = [];
		} else if (typeof message.position === "number" && this.stage.value !== "running") {
			this.stage.value = "waiting";
			this.position.value = message.position;
		}
		if (typeof message.eta === "number") this.eta_s.value = message.eta;
		if (Array.isArray(message.progress_data)) this.steps.value = message.progress_data.map(stepOf);
	}

	#fail(error: CallError, given: Record<string, unknown> | undefined): void {
		if (this.#cancelled || error.code === "cancelled" || error.code === "job_cancelled") {
			this.stage.value = "cancelled";
			return;
		}
		if (!given && ["not_found", "session_lost"].includes(error.code ?? "")) {
			this.#space.session.forgetCall(this.endpoint.name); // it is older than the server keeps jobs
			this.stage.value = "ready";
			return;
		}
		this.stage.value = "failed";
		this.problem.value = { id: 0, title: error.title || "Error", text: shorten(this.#explain(error, given ?? {}), PROBLEM_MAX), level: "error" };
		if (given) record(this.endpoint, given, undefined);
	}

	/** The text for an error. What the server says of one input is shown at that input. */
	#explain(error: CallError, given: Record<string, unknown>): string {
		if (!error.problems?.length) return error.message;
		const { refused, rest } = readFaults(error.problems, given);
		this.#refused.value = refused;
		const labels = this.endpoint.inputs.filter((field) => refused.has(field.name)).map((field) => field.label);
		if (labels.length) this.refusals.value++;
		if (labels.length) rest.unshift(`Check these inputs: ${labels.join(", ")}.`);
		return rest.join("\n");
	}

	/** `given`: inputs that need no value of their own. */
	#isReady(given: Record<string, unknown>): boolean {
		return this.endpoint.inputs.every((field) => field.name in given || !(this.#isMissing(field) || this.value(field.name).value instanceof Draft));
	}

	#isMissing(field: Field): boolean {
		const value = this.value(field.name).value;
		if (!field.required || value instanceof Draft) return false;
		return value === undefined || ((value === null || value === "") && !isNullable(field));
	}
}

const numberIn = (value: unknown): number | null => (typeof value === "number" ? value : null);
const textIn = (value: unknown): string => (typeof value === "string" ? shorten(value, LABEL_MAX) : "");

/** A progress bar of a message, whose fields a server may send in another type than it should. */
function stepOf(unit: Record<string, unknown> | null): ProgressStep {
	const { index, length, progress, unit: name, desc } = unit ?? {};
	const [done, of] = [numberIn(index), numberIn(length)];
	return { done, of, share: numberIn(progress) ?? (done !== null && of ? done / of : null), unit: textIn(name), label: textIn(desc) };
}

/** Gradio's example for a value that it knows nothing about is "...", which fits texts only. */
function exampleOf(field: Field): unknown {
	if (field.example !== "...") return field.example;
	return { string: "Hello!!", integer: 3, number: 3 }[String(field.schema.type)];
}

/** Whether "" or null is a value of the input. */
function isNullable({ schema, kind }: Field): boolean {
	if (kind === "textbox" || schema.type === "string") return true; // an empty text is a text
	if (schema.type === undefined && schema.anyOf === undefined && schema.$ref === undefined) return kind === "json";
	return (schema.anyOf as { type?: string }[] | undefined)?.some((one) => one.type === "null") ?? false;
}
