/** The endpoints of an app, from its `/config` and `/info`, and how arguments become a call. No I/O in here. */

import { NotFoundError, ServerError, ValidationError } from "./errors.js";
import type { Upload } from "./files.js";
import { plain } from "./values.js";
import type { Arguments } from "./types.js";
import type { Config, Dependency, EndpointInfo, Info, Parameter, Returned } from "./wire.js";

/** Where the API stands below the app's address. Throws `ServerError` for one that would lead away from there. */
export function prefixOf(config: Config): string {
	const prefix = `${config.api_prefix ?? ""}`.replace(/^\/+|\/+$/g, "");
	if (!/^(?!.*(\.\.|\/\/))[\w.~/-]*$/.test(prefix)) {
		throw new ServerError("The API prefix is no path.");
	}
	return prefix && `${prefix}/`;
}

export interface Endpoint {
	index: number;
	/** The name without its slash; undefined for an endpoint without a name. */
	name: string | undefined;
	dependency: Dependency;
	info: EndpointInfo | undefined;
}

/** Find an endpoint by name or index. Throws `NotFoundError`. */
export function find(config: Config, info: Info, wanted: string | number): Endpoint {
	const bare = typeof wanted === "string" ? wanted.replace(/^\//, "") : wanted;
	const named = config.dependencies.filter(
		(one, i) => (one.id ?? i) === bare || one.api_name === bare,
	);
	const dependency = named.find((one) => one.api_visibility === "public") ?? named[0]; // several may share a name
	if (!dependency) {
		const names = config.dependencies.map((one) => one.api_name && `"/${one.api_name}"`).filter(Boolean);
		throw new NotFoundError(
			`There is no endpoint ${JSON.stringify(wanted)}. Endpoints: ${names.join(", ") || "none"}.`,
		);
	}
	const name = dependency.api_name || undefined;
	return {
		index: dependency.id ?? config.dependencies.indexOf(dependency),
		name,
		dependency,
		info: info.named_endpoints?.[`/${name}`] ?? info.unnamed_endpoints?.[dependency.id],
	};
}

/**
 * Make one value for each input: null for a state of the server, and for a missing value. The files to upload are added
 * to `uploads`. Throws `ValidationError`.
 */
export function bind(endpoint: Endpoint, config: Config, given: Arguments, uploads: Upload[]): unknown[] {
	const parameters = endpoint.info?.parameters;
	const list = Array.isArray(given) ? given : named(endpoint, given);
	const values = list.map((value, i) => plain(value, parameters?.[i], uploads));
	const inputs = endpoint.dependency.inputs;
	if (values.length >= inputs.length) return values;
	const left = values.values();
	return [...inputs.map((id) => (isState(config, id) ? null : (left.next().value ?? null))), ...left];
}

/** The values of an output that the caller gets: those that are not a state of the server. */
export function shown(dependency: Dependency, config: Config, data: unknown[]): unknown[] {
	return data.filter((_, i) => {
		const id = dependency.outputs[i];
		return !isState(config, id);
	});
}

function isState(config: Config, id: number | undefined): boolean {
	return config.components.find((one) => one?.id === id)?.type === "state";
}

function named(endpoint: Endpoint, given: Record<string, unknown>): unknown[] {
	const name = `/${endpoint.name ?? endpoint.index}`;
	const parameters = endpoint.info?.parameters;
	const unknown = Object.keys(given).find((key) => !parameters?.some((one) => one.parameter_name === key));
	const values = (parameters ?? []).map((one) => {
		if (Object.hasOwn(given, one.parameter_name)) return given[one.parameter_name];
		if (one.parameter_has_default) return one.parameter_default;
		throw new ValidationError(`${name}: no value for the parameter ${one.parameter_name}, which is required.`);
	});
	if (!parameters) throw new ValidationError(`${name} is not documented: give its arguments as an array.`);
	if (unknown !== undefined) {
		const names = parameters.map((one) => one.parameter_name).join(", ");
		throw new ValidationError(`${name} has no parameter ${unknown}. It takes: ${names || "none"}.`);
	}
	return values;
}

export interface JsParameter extends Omit<Parameter, "type"> {
	type: string;
	description?: string;
}

export interface JsReturned extends Omit<Returned, "type"> {
	type: string;
	description?: string;
}

export interface JsEndpointInfo {
	parameters: JsParameter[];
	returns: JsReturned[];
	type: { generator: boolean; cancel: boolean };
	oauth_token?: "required" | "optional";
}

/** `/info`, with types of JavaScript. */
export interface JsInfo {
	named_endpoints: Record<string, JsEndpointInfo>;
	unnamed_endpoints: Record<string, JsEndpointInfo>;
}

/** Translate `/info` for JavaScript programs. Throws where it or `/config` is malformed. */
export function described(config: Config, info: Info): JsInfo {
	for (const { inputs, outputs } of config.dependencies) [...inputs, ...outputs].map((id) => isState(config, id));
	const group = (endpoints: Record<string, EndpointInfo>) =>
		Object.fromEntries(
			Object.entries({ ...endpoints }).map(([name, one]) => {
				const dependency = config.dependencies.find((d, i) => `/${d.api_name}` === name || `${d.id ?? i}` === name);
				const { generator = false, cancel = false } = dependency?.types ?? {};
				const { parameters, returns, oauth_token } = one;
				return [
					name,
					{
						parameters: parameters.map((value) => typed(value, true)),
						returns: returns.map((value) => typed(value, false)),
						type: { generator, cancel },
						...(oauth_token && { oauth_token }),
					},
				];
			}),
		);
	const named_endpoints = group(info.named_endpoints);
	const first = named_endpoints["/predict"];
	return { named_endpoints, unnamed_endpoints: { ...(first && { 0: first }), ...group(info.unnamed_endpoints) } };
}

function typed<T extends Parameter | Returned>(value: T, input: boolean): Omit<T, "type"> & { type: string } {
	const description = value.type?.description;
	return {
		...value,
		type: javascript(value.type ?? {}, value.python_type?.type ?? "", input),
		...(typeof description === "string" && { description }),
	};
}

function javascript(schema: Record<string, unknown>, python: string, input: boolean): string {
	const file = input ? "Blob | File | Buffer" : "string";
	if (python === "filepath") return file;
	if (python === "list[filepath]") return input ? `(${file})[]` : "string[]";
	if (schema.type === "integer") return "number";
	const simple = (kind: unknown, rest = "") => (/^(string|number|boolean)$/.test(`${kind}`) ? `${kind}${rest}` : "any");
	if (schema.type !== "array") return simple(schema.type);
	return simple(schema.items && javascript(schema.items as Record<string, unknown>, "", input), "[]");
}
