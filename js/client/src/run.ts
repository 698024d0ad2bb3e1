/**
 * One call as its caller sees it: the server's messages go in, the program's messages and one end come out.
 * No I/O in here.
 *
 *   waiting ──► running ──► ended: `result` or `error`
 */

import { apply, type Edit } from "./diff.js";
import { define } from "./define.js";
import { jobError, JobLostError, type SpaceportError } from "./errors.js";
import type { LogMessage, Message, StatusMessage } from "./types.js";
import type { CodedEnd, ErrorPayload, Output, ProcessGenerating, ProcessStreaming, ServerMessage } from "./wire.js";

/** What a call's messages say of it, and how its values reach the program. */
export interface Called {
	endpoint: string;
	fn_index: number;
	event_data?: unknown;
	trigger_id?: number | null | undefined;
	/** Its steps are whole values (an endpoint that takes input piece by piece). */
	streams: boolean;
	queue: boolean;
	/** Whether the program asks for status messages. */
	reports_status: boolean;
	/** The values of an output that the program gets. */
	shown: (data: unknown[]) => unknown[];
}

export class Run {
	ended = false;
	result: unknown[] | undefined;
	error: SpaceportError | undefined;
	#values: unknown[] | undefined;
	#call: Called;
	#name: { endpoint: string; fn_index: number };

	constructor(call: Called) {
		this.#call = call;
		this.#name = { endpoint: call.endpoint, fn_index: call.fn_index };
	}

	start(): Message[] {
		return [this.#status({ stage: "pending" })];
	}

	/** Take a message of this call. Unknown kinds are ignored. */
	feed(message: ServerMessage): Message[] {
		if (this.ended) return [];
		switch (message.msg) {
			case "estimation":
				return [
					this.#status({
						stage: "pending",
						size: message.queue_size,
						...(message.rank != null && { position: message.rank }),
						eta: message.rank_eta ?? null,
					}),
				];
			case "process_starts":
				return [
					this.#status({
						original_msg: "process_starts",
						stage: "pending",
						position: 0,
						eta: message.eta ?? null,
					}),
				];
			case "progress":
				return [this.#status({ stage: "pending", progress_data: message.progress_data ?? [] })];
			case "log":
				return [
					{
						type: "log",
						title: message.title ?? "",
						log: String(message.log),
						level: (message.level ?? "info") as LogMessage["level"],
						duration: message.duration ?? null,
						visible: message.visible ?? true,
						...this.#name,
					},
				];
			case "process_generating":
			case "process_streaming":
				return this.#step(message);
			case "process_completed":
				return this.#completed(message, message.output ?? {});
			case "unexpected_error":
				return this.fail(new JobLostError(message.message || "The server lost the job."));
			default:
				return [];
		}
	}

	/** Take the response of an endpoint that does not queue. */
	answered(output: Output): Message[] {
		if (this.ended) return [];
		const end = this.#status({ stage: "complete", eta: output.average_duration ?? null });
		return [...this.#end(output.data as unknown[]), end];
	}

	/** End without a result, unless it has ended already. */
	fail(error: SpaceportError, shown: Partial<StatusMessage> = { broken: true }): Message[] {
		if (this.ended) return [];
		this.ended = true;
		const status = this.#status({ stage: "error", message: error.message, ...shown });
		const { message: _, ...more } = status;
		define(error, more, true);
		this.error = error;
		return [status];
	}

	#status(fields: Partial<StatusMessage> & Pick<StatusMessage, "stage">): StatusMessage {
		return { type: "status", ...this.#name, time: new Date(), queue: this.#call.queue, ...fields };
	}

	#data(data: unknown[]): Message {
		const { event_data, trigger_id, shown } = this.#call;
		return {
			type: "data",
			time: new Date(),
			data: shown(data),
			...this.#name,
			...(event_data != null && { event_data }),
			...(trigger_id != null && { trigger_id }),
		};
	}

	#step(message: ProcessGenerating | ProcessStreaming): Message[] {
		const output = message.output;
		const data = output?.data;
		if (!Array.isArray(data)) return [];
		const streaming = message.msg === "process_streaming";
		const before = this.#call.streams || streaming ? undefined : this.#values;
		this.#values = before ? data.map((edits, i) => apply(before[i], edits as Edit[])) : data;
		const found = [this.#data(this.#values), ...this.#render(output)];
		if (!this.#call.reports_status) return found;
		const status = this.#status({
			message: null,
			stage: streaming ? "streaming" : "generating",
			changed_state_ids: output.changed_state_ids ?? [],
			...(message.time_limit != null && { time_limit: message.time_limit }),
		});
		return [status, ...found];
	}

	#completed(message: CodedEnd, output: Partial<Output> | ErrorPayload): Message[] {
		if (message.success === false || "error" in output) return this.#failed(message, output as ErrorPayload);
		const { data, changed_state_ids } = output as Partial<Output>;
		if (!Array.isArray(data)) {
			// how Gradio ends a cancelled call
			return this.#failed(message, { error: "The job was cancelled on the server.", title: "Cancelled" });
		}
		const end = this.#status({
			stage: "complete",
			changed_state_ids: changed_state_ids ?? [],
			used_cache: message.used_cache ?? null,
			cache_duration: message.cache_duration ?? null,
			avg_time: message.avg_time ?? null,
		});
		return [...this.#end(data), ...this.#render(output as Output), end];
	}

	#end(data: unknown[]): Message[] {
		this.ended = true;
		this.result = data;
		return [this.#data(data)];
	}

	#failed(message: CodedEnd, payload: ErrorPayload): Message[] {
		const { error, ...more } = payload;
		const code = message.code ?? (payload.title === "Cancelled" ? "cancelled" : undefined);
		return this.fail(jobError(code, error), { success: false, title: message.title ?? "Error", ...(code && { code }), ...more });
	}

	#render(output: Output): Message[] {
		return output.render_config ? [{ type: "render", data: output.render_config, ...this.#name }] : [];
	}
}
