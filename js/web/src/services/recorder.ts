/** What was called while recording: the calls of a script. */

import { signal } from "@preact/signals";
import { isFileData } from "../components/kind";
import type { EndpointView } from "./space";

export interface Recorded {
	name: string;
	/** Arguments by name; a file that was chosen here as a path of its name. */
	given: Record<string, unknown>;
	outputs: unknown[];
}

export const recording = signal(false);
export const recorded = signal<Recorded[]>([]);

export function start(): void {
	recorded.value = [];
	recording.value = true;
}

export function stop(): Recorded[] {
	recording.value = false;
	return recorded.value;
}

export function record(endpoint: EndpointView, given: Record<string, unknown>, outputs: unknown[]): void {
	if (recording.value) recorded.value = [...recorded.value, { name: endpoint.name, given: plain(given) as Record<string, unknown>, outputs }];
}

/** A value as it can be written down: a file that was chosen here is its name. */
export function plain(value: unknown): unknown {
	if (value instanceof File) return { path: value.name, meta: { _type: "gradio.FileData" } };
	if (isFileData(value)) return { ...value, meta: { _type: "gradio.FileData" } };
	if (Array.isArray(value)) return value.map(plain);
	if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
	return value;
}
