/** The contract of a component: a folder whose `index.tsx` exports a `Kind`. */

import type { Signal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { AnyFile } from "../services/files";

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
	/** Its type, as Python writes it. */
	python: string;
	component: string;
	required: boolean;
	/** What the server takes where nothing is given. */
	default: unknown;
	example: unknown;
}

/** What the server refused inside a value: the keys and indices that lead there, and why. */
export interface Fault {
	path: (string | number)[];
	why: string;
}

export interface InputProps {
	field: Field;
	value: Signal<unknown>;
	/** The id of the element that the label is for. */
	id: string;
	/** Run the call, as Enter in a text does. */
	submit: () => void;
	/** For kinds that show `faults` themselves. */
	faults?: Fault[];
}

export interface OutputProps {
	field: Field;
	value: unknown;
	/** Whether the call goes on and may change the value. */
	running: boolean;
}

/** What can be done with an output, beside its label. */
export interface OutputActions {
	/** The text that is copied. */
	copy?: () => string;
	/** Files of its own that can be downloaded. */
	files?: AnyFile[];
	/** A file that is written from the value: its name and its text. */
	save?: [name: string, text: () => string];
}

export interface Kind {
	/** The types in `/config` that it shows. */
	types: string[];
	/** Without it the value is given as JSON. */
	input?: ComponentType<InputProps>;
	output: ComponentType<OutputProps>;
	actions?: (value: unknown, field: Field) => OutputActions;
	/** The value of an untouched input; without it the visitor has to give one. */
	initial?: (field: Field) => unknown;
	/** Whether the component shows the label itself, beside its control. */
	labelled?: boolean;
	/** Whether it shows what is wrong inside its value; else that stands below it. */
	faults?: boolean;
	/** Whether several controls share the label, which is a legend then. */
	group?: boolean;
}

/** Choices as pairs of what is shown and what is sent. */
export function choicesOf(field: Field): [string, unknown][] {
	const given = field.props.choices as [string, unknown][] | undefined;
	if (given) return given;
	const items = (field.schema.items as Record<string, unknown> | undefined) ?? field.schema;
	return ((items.enum as unknown[] | undefined) ?? []).map((one) => [String(one), one]);
}
