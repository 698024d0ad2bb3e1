/** The calls that were made while the recorder ran: the steps of a script. */

import { signal } from "@preact/signals";
import { Draft } from "./draft";
import { isFileData } from "./files";
import type { EndpointView } from "./space";

export interface RecordedCall {
	name: string;
	/** Arguments by name. A file that was chosen here is the path of its name. */
	given: Record<string, unknown>;
	/** Empty for a call that failed. */
	outputs: unknown[];
	failed: boolean;
}

export const recording = signal(false);
export const recorded = signal<RecordedCall[]>([]);

export function startRecording(): void {
	recorded.value = [];
	recording.value = true;
}

export function stopRecording(): RecordedCall[] {
	recording.value = false;
	return recorded.value;
}

/** `outputs` is undefined for a call that failed. */
export function record(endpoint: EndpointView, given: Record<string, unknown>, outputs: unknown[] | undefined): void {
	if (!recording.value) return;
	const plain = toPlain(given) as Record<string, unknown>;
	recorded.value = [...recorded.value, { name: endpoint.name, given: plain, outputs: outputs ?? [], failed: !outputs }];
}

/** A value as JSON can hold it: a file that was chosen here is its name, a text that is no value yet is null. */
export function toPlain(value: unknown): unknown {
	if (value instanceof File) return { path: value.name, meta: { _type: "gradio.FileData" } };
	if (value instanceof Draft) return null;
	if (isFileData(value)) return { ...value, meta: { _type: "gradio.FileData" } };
	if (Array.isArray(value)) return value.map(toPlain);
	if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)]));
	return value;
}
