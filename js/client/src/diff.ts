/** Edit scripts of streamed values: `[op, path, value]` with `replace`, `append`, `add`, `delete`. No I/O in here. */

export type Edit = [op: string, path: (string | number)[], value: unknown];

/** Apply edits to a value. Values handed out before never change: containers along a path are copied. */
export function apply(value: unknown, edits: Edit[]): unknown {
	return edits.reduce((now, [op, path, operand]) => edited(now, op, path, 0, operand), value);
}

function edited(value: unknown, op: string, path: (string | number)[], at: number, operand: unknown): unknown {
	const key = path[at];
	if (key === undefined) return op === "append" ? `${value}${operand}` : operand;
	const last = at === path.length - 1;
	if (Array.isArray(value)) {
		const copy = value.slice();
		if (last && op === "delete") copy.splice(Number(key), 1);
		else if (last && op === "add") copy.splice(Number(key), 0, operand);
		else copy[Number(key)] = edited(copy[Number(key)], op, path, at + 1, operand);
		return copy;
	}
	const copy = { ...(value as Record<string, unknown>) };
	if (last && op === "delete") delete copy[key];
	else if (last && op === "add") copy[key] = operand;
	else copy[key] = edited(copy[key], op, path, at + 1, operand);
	return copy;
}
