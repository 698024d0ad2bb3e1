/** Inputs in the page's address: `?endpoint=repeat&text="hello"`. Files and secrets are never in it. */

import type { Call } from "./call";

const OWN = ["endpoint", "view"];
const VALUE_MAX = 2000;

/** The endpoint that the address names, with the values it has for it. */
export function fromAddress(calls: Call[]): Call | undefined {
	const query = new URLSearchParams(location.search);
	const wanted = query.get("endpoint")?.replace(/^\//, "");
	const call = calls.find((one) => one.endpoint.name === wanted) ?? calls[0];
	if (!call) return undefined;
	for (const field of call.endpoint.inputs) {
		const text = query.get(field.name);
		if (text === null || OWN.includes(field.name)) continue;
		try {
			call.value(field.name).value = JSON.parse(text);
		} catch {
			call.value(field.name).value = text;
		}
	}
	return call;
}

/** The page's address with what this call's inputs hold. */
export function addressOf(call: Call): string {
	const link = new URL(location.href);
	link.search = link.hash = "";
	link.searchParams.set("endpoint", call.endpoint.name);
	for (const field of call.endpoint.inputs) {
		const value = call.value(field.name).value;
		const text = JSON.stringify(value) ?? "null";
		const private_ = field.props.type === "password" || text.includes('"path"') || value instanceof File;
		if (!private_ && text.length <= VALUE_MAX && !OWN.includes(field.name)) link.searchParams.set(field.name, text);
	}
	return link.href;
}
