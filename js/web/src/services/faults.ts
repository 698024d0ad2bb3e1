/** What a server says of arguments that it refused: entries of a 422, each about a place in one of them. */

import type { Fault } from "../components/kind";

/** Other servers may say anything. */
export interface Refusal {
	parameter_name?: unknown;
	/** "body", the parameter's name, then the way to the place. */
	loc?: unknown;
	msg?: unknown;
	message?: unknown;
}

/** The faults of each argument that was given, and texts about all else. */
export function readFaults(entries: (Refusal | null)[], given: Record<string, unknown>) {
	const refused = new Map<string, { value: unknown; faults: Fault[] }>();
	const rest: string[] = [];
	for (const entry of entries) {
		const { parameter_name: name, loc, msg, message } = entry ?? {};
		const why = textOf(msg ?? message ?? "This value does not fit.");
		if (typeof name !== "string" || !Object.hasOwn(given, name)) {
			rest.push(name ? `${textOf(name)}: ${textOf(message ?? why)}` : why);
			continue;
		}
		const known = refused.get(name) ?? { value: given[name], faults: [] };
		refused.set(name, { ...known, faults: [...known.faults, { path: pathOf(loc), why }] });
	}
	return { refused, rest };
}

const textOf = (said: unknown): string => (typeof said === "string" ? said : JSON.stringify(said));

const isStep = (step: unknown): step is string | number => typeof step === "string" || typeof step === "number";

function pathOf(loc: unknown): (string | number)[] {
	return Array.isArray(loc) ? loc.slice(2).filter(isStep) : [];
}

/** The part of a value that a path leads to. Steps that it does not have, as the names of a union's members, are passed over. */
export function valueAt(value: unknown, path: (string | number)[]): unknown {
	return path.reduce<unknown>((at, step) => (typeof at === "object" && at !== null && Object.hasOwn(at, step) ? (at as Record<string, unknown>)[step] : at), value);
}

/**
 * The faults inside a member of an object or list, with the rest of their ways. `isMember`: whether a step leads to a member;
 * others are passed over.
 */
export function faultsInside(faults: Fault[], step: string | number, isMember: (step: string | number) => boolean): Fault[] {
	return faults.flatMap((fault) => {
		const at = fault.path.findIndex(isMember);
		return at >= 0 && fault.path[at] === step ? [{ ...fault, path: fault.path.slice(at + 1) }] : [];
	});
}

/** The faults of an object or list as a whole, as one text. */
export function whyOf(faults: Fault[], isMember: (step: string | number) => boolean = () => false): string | undefined {
	const own = faults.filter(({ path }) => !path.some(isMember)).map(({ why }) => why);
	return own.length ? own.join("\n") : undefined;
}
