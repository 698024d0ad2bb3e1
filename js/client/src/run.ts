/**
 * One call as its caller sees it: the server's messages go in, the program's messages and one end come out.
 * No I/O in here.
 *
 *   waiting ──► running ──► ended: `result` or `error`
 */

import { apply, type Edit } from "./diff.js";
import { define } from "./define.js";
import { failure, lost, type SpaceportError } from "./errors.js";
import { codeOf, labelOf, textOf } from "./fields.js";
import type { LogMessage, Message, StatusMessage } from "./types.js";
import type { CodedEnd, ErrorPayload, Output, ProcessGenerating, Progress, ProcessStreaming, ServerMessage } from "./wire.js";

/** What a call's messages say of it. */
export interface Naming {
	endpoint: string;
	fn_index: number;
	event_data?: unknown;
	trigger_id?: number | null | undefined;
}

/** How its values reach the program. */
export interface Called extends Naming {
	/** Its steps are whole values (an endpoint that takes input piece by piece). */
	streams: boolean;
	queue: boolean;
	/** Whether the program asks for status messages. */
	status: boolean;
	/** The values of an output that the program gets. */
	shown: (data: unknown[]) => unknown[];
}

export interface Run {
	readonly ended: boolean;
	readonly error: SpaceportError | undefined;
	start(): Message[];
	/** Take a message of this call. Unknown kinds are ignored. */
	feed(message: ServerMessage | Omit<Progress, "event_id">): Message[];
	/** Take the response of an endpoint that does not queue. */
	answered(output: Output): Message[];
	/** End without a result, unless it has ended already. */
	fail(error: SpaceportError, shown?: Partial<StatusMessage>): Message[];
}

export function startRun(call: Called): Run {
	const { endpoint, fn_index, event_data, trigger_id } = call;
	const name = { endpoint, fn_index };
	let values: unknown[] | undefined;

	function status(fields: Partial<StatusMessage> & Pick<StatusMessage, "stage">): StatusMessage {
		return { queue: call.queue, ...fields, type: "status", ...name, time: new Date() }; // an error's fields are the server's
	}

	function data(shown: unknown[]): Message {
		return {
			type: "data",
			time: new Date(),
			data: call.shown(shown),
			...name,
			...(event_data != null && { event_data }),
			...(trigger_id != null && { trigger_id }),
		};
	}

	function step(message: ProcessGenerating | ProcessStreaming): Message[] {
		const output = message.output;
		if (!Array.isArray(output?.data)) return [];
		const streaming = message.msg === "process_streaming";
		const before = call.streams || streaming ? undefined : values;
		values = before ? output.data.map((edits, i) => apply(before[i], edits as Edit[])) : output.data;
		const found = [data(values), ...render(output)];
		if (!call.status) return found;
		const generating = status({
			message: null,
			stage: streaming ? "streaming" : "generating",
			changed_state_ids: output.changed_state_ids ?? [],
			...(message.time_limit != null && { time_limit: message.time_limit }),
		});
		return [generating, ...found];
	}

	function completed(message: CodedEnd, output: Partial<Output> | ErrorPayload): Message[] {
		if (message.success === false || "error" in output) return failed(message, output as ErrorPayload);
		const { data, changed_state_ids } = output as Partial<Output>;
		if (!Array.isArray(data)) {
			// how Gradio ends a cancelled call
			return failed(message, { error: "The job was cancelled on the server.", title: "Cancelled" });
		}
		const last = status({
			stage: "complete",
			changed_state_ids: changed_state_ids ?? [],
			used_cache: message.used_cache ?? null,
			cache_duration: message.cache_duration ?? null,
			avg_time: message.avg_time ?? null,
		});
		return [...end(data), ...render(output as Output), last];
	}

	function end(result: unknown[]): Message[] {
		const last = data(result);
		run.ended = true;
		return [last];
	}

	function failed(message: CodedEnd, payload: ErrorPayload): Message[] {
		const code = codeOf(message.code) ?? (payload.title === "Cancelled" ? "cancelled" : undefined);
		return run.fail(...failure(payload, code, labelOf(message.title) ?? "Error"));
	}

	function render(output: Output): Message[] {
		return output.render_config ? [{ type: "render", data: output.render_config, ...name }] : [];
	}

	const run = {
		ended: false,
		error: undefined as SpaceportError | undefined,
		start(): Message[] {
			return [status({ stage: "pending" })];
		},
		feed(message: ServerMessage | Omit<Progress, "event_id">): Message[] {
			if (run.ended) return [];
			switch (message.msg) {
				case "estimation":
					return [
						status({
							stage: "pending",
							size: message.queue_size,
							...(message.rank != null && { position: message.rank }),
							eta: message.rank_eta ?? null,
						}),
					];
				case "process_starts":
					return [
						status({ original_msg: "process_starts", stage: "pending", position: 0, eta: message.eta ?? null }),
					];
				case "progress":
					return [status({ stage: "pending", progress_data: message.progress_data ?? [] })];
				case "log":
					return [
						{
							type: "log",
							title: labelOf(message.title) ?? "",
							log: textOf(message.log) ?? "",
							level: (labelOf(message.level) ?? "info") as LogMessage["level"],
							duration: message.duration ?? null,
							visible: message.visible ?? true,
							...name,
						},
					];
				case "process_generating":
				case "process_streaming":
					return step(message);
				case "process_completed":
					return completed(message, message.output ?? {});
				case "unexpected_error":
					return run.fail(lost(message));
				default:
					return [];
			}
		},
		answered(output: Output): Message[] {
			if (run.ended) return [];
			return [...end(output.data as unknown[]), status({ stage: "complete", eta: output.average_duration ?? null })];
		},
		fail(error: SpaceportError, shown: Partial<StatusMessage> = { broken: true }): Message[] {
			if (run.ended) return [];
			run.ended = true;
			run.error = error;
			const last = status({ message: error.message, ...shown, stage: "error" });
			const { message: _, ...more } = last;
			define(error, more, true);
			return [last];
		},
	};
	return run;
}
