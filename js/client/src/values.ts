/** Converts values that JSON does not have to what a parameter takes. No I/O in here. */

import { ValidationError } from "./errors.js";
import { LocalFile } from "./files.js";
import type { Parameter } from "./wire.js";

/**
 * Bytes become a file or, where the parameter takes none, a list, as do other typed arrays and sets; maps become objects;
 * whole numbers of any size a number or text. Throws `ValidationError` that names the parameter.
 */
export function plain(value: unknown, parameter?: Parameter): unknown {
	const type = parameter?.type?.type;
	if (typeof value === "bigint") {
		if (type === "string") return String(value);
		if (Number.isSafeInteger(Number(value))) return Number(value);
	} else if (value instanceof Date) {
		if (type === "number") return +value / 1000;
		if (!Number.isNaN(+value)) return value;
	} else if (typeof value !== "function" && typeof value !== "symbol") {
		if (value === null || typeof value !== "object" || value instanceof Blob || value instanceof LocalFile) return value;
		const each = (one: unknown) => plain(one, parameter);
		if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
			const bytes = value instanceof ArrayBuffer || value instanceof Uint8Array || value instanceof DataView;
			const files = !parameter || /filepath|"meta"/.test(JSON.stringify(parameter));
			if (files && bytes) return new Blob([value as BlobPart]);
			return Array.from(value instanceof ArrayBuffer ? new Uint8Array(value) : (value as Uint8Array), each);
		}
		if (value instanceof Set || Array.isArray(value)) return Array.from(value, each);
		const pairs = value instanceof Map ? [...value] : Object.entries(value);
		return Object.fromEntries(pairs.map(([key, one]) => [key, each(one)]));
	}
	const { parameter_name: name, python_type: wanted } = parameter ?? {};
	throw new ValidationError(`The argument ${name ?? ""} takes ${wanted?.type ?? "JSON"}: ${String(value)} is none.`);
}
