/**
 * The page's address. Every view has one: `?endpoint=repeat`, `?view=api`. An address may hold inputs as JSON,
 * `?endpoint=repeat&text="hello"`, but never files and passwords.
 */

import type { Call } from "./call";
import { Draft } from "./draft";
import { holdsFile } from "./files";

const RESERVED = new Set(["endpoint", "view", "__theme", "__chrome"]);
const VALUE_MAX = 2000;
const query = () => new URLSearchParams(location.search);

export type View = "app" | "api" | "history";
const VIEWS: readonly string[] = ["api", "history"];

export function viewInAddress(): View {
	const view = query().get("view") ?? "";
	return VIEWS.includes(view) ? (view as View) : "app";
}

/** The endpoint that the address names, without its slash. */
export function endpointInAddress(): string | undefined {
	return query().get("endpoint")?.replace(/^\//, "");
}

/** Whether this page stands in a frame that has its own title and theme button. */
export const framed = query().get("__chrome") === "0";

/** The address of a view. What this page's address holds of other views' inputs goes. */
export function addressOf(view: View, endpoint: string): URL {
	const address = new URL(location.href);
	const kept = [...address.searchParams].filter(([name]) => name.startsWith("__"));
	address.search = address.hash = "";
	for (const [name, value] of kept) address.searchParams.set(name, value);
	if (endpoint) address.searchParams.set("endpoint", endpoint);
	if (view !== "app") address.searchParams.set("view", view);
	return address;
}

/** A new entry of the browser's history. */
export function pushAddress(view: View, endpoint: string): void {
	history.pushState(null, "", addressOf(view, endpoint));
}

function parseValue(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** Put the address's values into the call's inputs. Returns whether it has any. */
export function readInputs(call: Call): boolean {
	let found = false;
	for (const field of call.endpoint.inputs) {
		const text = query().get(field.name);
		if (text === null || RESERVED.has(field.name)) continue;
		const value = parseValue(text);
		if (holdsFile(value)) continue; // a link may not choose a file, or load one from elsewhere
		found = true;
		call.value(field.name).value = value;
	}
	return found;
}

/** An address that opens this call with what its inputs hold, and the labels of inputs that it leaves out. */
export function shareAddress(call: Call): { address: string; omitted: string[] } {
	const address = new URL(location.href);
	address.search = address.hash = "";
	address.searchParams.set("endpoint", call.endpoint.name);
	const omitted: string[] = [];
	for (const field of call.endpoint.inputs) {
		const value = call.value(field.name).value;
		if (value === undefined) continue;
		const text = JSON.stringify(value) ?? "null";
		const secret = field.props.type === "password" || holdsFile(value) || value instanceof Draft;
		if (secret || text.length > VALUE_MAX || RESERVED.has(field.name)) {
			if (!isEmpty(value)) omitted.push(field.label);
		} else address.searchParams.set(field.name, text);
	}
	return { address: address.href, omitted };
}

function isEmpty(value: unknown): boolean {
	return value === null || value === "" || (Array.isArray(value) && !value.length);
}
