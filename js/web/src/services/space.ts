/** The Space that the page shows: its endpoints, as the page needs them. The only border to the client. */

import { Client } from "spaceport-client";
import { kindOf } from "../components/registry";
import type { Field } from "../components/kind";
import { files } from "../views/file";

export interface EndpointView {
	name: string;
	description: string;
	inputs: Field[];
	outputs: Field[];
	examples: unknown[][];
	generator: boolean;
}

export interface SpaceView {
	client: Client;
	title: string;
	description: string;
	/** Where it is, with a slash at its end. */
	root: string;
	prefix: string;
	chat: boolean;
	ours: boolean;
	user: string | null;
	endpoints: EndpointView[];
}

interface Component {
	id: number;
	type: string;
	props?: Record<string, unknown>;
}

type Described = Record<string, { description?: string; parameters: Parameter[]; returns: Parameter[] }>;

interface Parameter {
	label: string;
	parameter_name?: string;
	parameter_has_default?: boolean;
	parameter_default?: unknown;
	type: Record<string, unknown>;
	python_type?: { type: string; description?: string };
	component: string;
	example_input?: unknown;
}

/** Connect to the app at `root`. Throws what `Client.connect` does. */
export async function open(root: string, token?: string): Promise<SpaceView> {
	const client = await Client.connect(root, { ...(token && { token }) });
	const config = client.config as unknown as Record<string, unknown>;
	const prefix = String(config.api_prefix ?? "").replace(/^\/+|\/+$/g, "");
	files.base = `${client.url}${prefix ? `${prefix}/` : ""}`;
	const answer = await client.fetch(`${files.base}info`, {
		headers: token ? { authorization: `Bearer ${token}` } : {},
	});
	const info = ((await answer.json()) as { named_endpoints?: Described }).named_endpoints ?? {};
	const components = new Map((config.components as Component[]).map((one) => [one.id, one]));
	const endpoints: EndpointView[] = [];
	for (const dependency of client.config.dependencies) {
		const name = dependency.api_name;
		const described = typeof name === "string" ? info[`/${name}`] : undefined;
		if (!described || typeof name !== "string") continue;
		const shown = (ids: number[]) =>
			ids.map((id) => components.get(id)).filter((one): one is Component => !!one && one.type !== "state");
		const extra = dependency as unknown as { examples?: unknown[][]; api_description?: string };
		endpoints.push({
			name,
			description: described.description ?? extra.api_description ?? "",
			inputs: fields(described.parameters, shown(dependency.inputs)),
			outputs: fields(described.returns, shown(dependency.outputs)),
			examples: extra.examples ?? [],
			generator: Boolean(dependency.types?.generator),
		});
	}
	return {
		client,
		title: String(config.title ?? "") || "Space",
		description: String(config.description ?? ""),
		root: client.url,
		prefix,
		chat: config.mode === "chat_interface",
		ours: Boolean(config.spaceport),
		user: (config.username as string | null) ?? null,
		endpoints,
	};
}

function fields(parameters: Parameter[], components: Component[]): Field[] {
	return parameters.map((one, place) => {
		const component = components[place];
		const props = component?.props ?? {};
		const field: Field = {
			id: component?.id ?? place,
			kind: component?.type ?? one.component.toLowerCase(),
			name: one.parameter_name ?? `value_${place + 1}`,
			label: String(props.label ?? "") || nice(one.parameter_name ?? (/^value_\d+$/.test(one.label) ? "Result" : one.label)),
			info: String(props.info ?? ""),
			props,
			schema: one.type ?? {},
			python: one.python_type?.type ?? "",
			component: one.component,
			required: !one.parameter_has_default,
			preset: one.parameter_default,
			example: one.example_input,
		};
		if (component?.type === "api") field.label = nice(one.parameter_name ?? "Result");
		return field;
	});
}

/** A name as a label: `max_words` is "Max words". */
export function nice(name: string): string {
	const words = name.replace(/[_-]+/g, " ").trim();
	return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What an input holds before anybody has touched it. */
export function initial(field: Field): unknown {
	if (!field.required) return structuredClone(field.preset ?? null);
	return kindOf(field).initial?.(field) ?? null;
}
