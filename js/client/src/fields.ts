/** Reads fields of messages: a server may send another type than it should. No I/O in here. */

/** A code of the server's table of errors; undefined for anything else. */
export const codeOf = (value: unknown): string | undefined =>
	typeof value === "string" && /^[a-z0-9_]{1,64}$/.test(value) ? value : undefined;

/** A text, also where an author gave a number; undefined for null. Throws for what has parts. */
export function textOf(value: unknown): string | undefined {
	if (typeof value === "object" && value) throw new TypeError();
	return value == null ? undefined : `${value}`;
}

/** The beginning of a text. */
export const labelOf = (value: unknown): string | undefined => textOf(value)?.slice(0, 1000);
