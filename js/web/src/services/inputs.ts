/** Which inputs can be shown as JSON. */

import type { Field } from "../components/kind";
import { Draft } from "./draft";
import { holdsFile } from "./files";

/** Whether a value may be written out: no file and no password. */
export function isOpen(field: Field, value: unknown): boolean {
	return field.props.type !== "password" && !holdsFile(value);
}

/** A value as JSON shows it: what is half typed as its text, or as what it is so far. */
export function toJson(value: unknown): unknown {
	if (!(value instanceof Draft)) return value ?? null;
	try {
		return JSON.parse(value.text);
	} catch {
		return value.text;
	}
}
