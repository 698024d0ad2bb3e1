/** The contract of a component: one folder that gives a `Kind`. */

import type { Signal } from "@preact/signals";
import type { ComponentType } from "preact";

/** One input or output of an endpoint. */
export interface Field {
	id: number;
	/** The component's type in `/config`. */
	kind: string;
	/** The parameter's name. */
	name: string;
	label: string;
	info: string;
	props: Record<string, unknown>;
	/** JSON schema of the value. */
	schema: Record<string, unknown>;
	/** Its type in Python's words. */
	python: string;
	component: string;
	required: boolean;
	/** What the server takes where nothing is given. */
	preset: unknown;
	example: unknown;
}

export interface InputProps {
	field: Field;
	value: Signal<unknown>;
	/** Of the element that the label is for. */
	id: string;
	disabled: boolean;
	/** Run the call: for what a component submits itself, as a text with Enter. */
	submit: () => void;
}

export interface OutputProps {
	field: Field;
	value: unknown;
	/** Whether more may come. */
	running: boolean;
}

export interface Kind {
	/** Types in `/config` that it shows. */
	types: string[];
	/** None: the value is given as JSON. */
	input?: ComponentType<InputProps>;
	output: ComponentType<OutputProps>;
	initial?: (field: Field) => unknown;
	/** Whether its label stands beside its control, which then shows it itself. */
	labelled?: boolean;
	/** Whether several controls share the label: it is a legend then. */
	group?: boolean;
}

/** A file as it travels; in an input also a `File` that is not sent yet. */
export interface FileData {
	path: string;
	url?: string | null;
	orig_name?: string | null;
	size?: number | null;
	mime_type?: string | null;
	is_stream?: boolean;
	meta: { _type: "gradio.FileData" };
}

export function isFileData(value: unknown): value is FileData {
	return typeof value === "object" && value !== null && typeof (value as FileData).path === "string";
}

/** Choices as pairs of what is shown and what is sent. */
export function choicesOf(field: Field): [string, unknown][] {
	const given = field.props.choices as [string, unknown][] | undefined;
	if (given) return given;
	const items = (field.schema.items as Record<string, unknown> | undefined) ?? field.schema;
	return ((items.enum as unknown[] | undefined) ?? []).map((one) => [String(one), one]);
}
