/** Edit scripts of streamed values: `[op, path, value]` with `replace`, `append`, `add`, `delete`. No I/O in here. */

export type Edit = [op: string, path: (string | number)[], value: unknown];

/** Apply edits to a value. Values handed out before never change: containers along a path are copied. Throws for an edit outside of a list, and of `__proto__`. */
export function apply(value: unknown, edits: Edit[]): unknown {
	return edits.reduce((now, [op, path, operand]) => edited(now, op, path, operand), value);
}

function edited(value: unknown, op: string, [key, ...rest]: (string | number)[], operand: unknown): unknown {
	if (key === undefined) return op === "append" ? `${value}${operand}` : operand;
	const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
	const added = op === "add" ? [operand] : [];
	if (Array.isArray(copy) ? !((key as number) <= copy.length) : key === "__proto__") throw RangeError();
	if (rest.length || !/add|delete/.test(op)) copy[key] = edited(copy[key], op, rest, operand);
	else if (Array.isArray(copy)) copy.splice(key as number, 1 - added.length, ...added);
	else if (op === "add") copy[key] = operand;
	else delete copy[key];
	return copy;
}
