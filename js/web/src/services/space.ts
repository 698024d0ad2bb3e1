/** The Space that the page shows: its endpoints, with all that the page needs to show them. */

import type { Signal } from "@preact/signals";
import type { Field } from "../components/kind";
import { PageClient } from "./client";
import { setApiRoot, type FileData } from "./files";
import { CallHistory } from "./history";
import { TabSession } from "./session";
import { shorten } from "./shorten";

/** Characters of a title or a label, and of a hint, that are shown. */
const LABEL_MAX = 300;
const INFO_MAX = 2000;

export interface EndpointView {
	name: string;
	description: string;
	inputs: Field[];
	outputs: Field[];
	examples: unknown[][];
	/** Whether the results of the examples are kept, so that they come at once. */
	cachedExamples: boolean;
	/** Small pictures of the first examples. */
	thumbnails: (FileData | null)[];
	generator: boolean;
	/** Code that calls the endpoint with its default values, by language, as the server has written it; a Gradio server has its own. */
	code: Record<string, string>;
}

export interface SpaceView {
	client: PageClient;
	title: string;
	description: string;
	/** The address of the app, with a slash at its end. */
	root: string;
	/** The address of its API, with a slash at its end. */
	apiRoot: string;
	chat: boolean;
	/** The endpoints that a chat's page calls besides: with the history, and for the visitor's thumb. */
	chatRoutes: { withHistory?: string; like?: string };
	/** Whether the server is Spaceport's and not Gradio's: its calls can be taken up again after a reload. */
	resumable: boolean;
	user: string | null;
	/** The author's picture of the Space: an emoji, or the address of a logo. */
	emoji: string;
	logo: string;
	endpoints: EndpointView[];
	reconnecting: Signal<boolean>;
	session: TabSession;
	history: CallHistory;
}

interface Component {
	id: number;
	type: string;
	props?: Record<string, unknown>;
}

type Described = Record<string, { description?: string; parameters: Parameter[]; returns: Parameter[]; code_snippets?: Record<string, string> }>;

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

/** Connect to the app at `root`. Rejects as `Client.connect` does. */
export async function openSpace(root: string, token?: string): Promise<SpaceView> {
	const session = new TabSession(root);
	const client = await PageClient.connect(root, {
		session_hash: session.hash,
		events: ["data", "status", "log"],
		...(token && { token }),
	});
	const config = client.config as unknown as Record<string, unknown>;
	const prefix = String(config.api_prefix ?? "").replace(/^\/+|\/+$/g, "");
	const apiRoot = `${client.url}${prefix ? `${prefix}/` : ""}`;
	setApiRoot(apiRoot);
	const info = ((await client.info).named_endpoints ?? {}) as unknown as Described;
	const components = new Map((config.components as Component[]).map((one) => [one.id, one]));
	const endpoints: EndpointView[] = [];
	for (const dependency of client.config.dependencies) {
		const name = dependency.api_name;
		const described = typeof name === "string" ? info[`/${name}`] : undefined;
		if (!described || typeof name !== "string") continue;
		const visible = (ids: number[]) =>
			ids.map((id) => components.get(id)).filter((one): one is Component => !!one && one.type !== "state");
		const extra = dependency as unknown as {
			examples?: unknown[][];
			cached_examples?: boolean;
			thumbnails?: (FileData | null)[];
			api_description?: string;
		};
		endpoints.push({
			name,
			description: described.description ?? extra.api_description ?? "",
			inputs: fieldsOf(described.parameters, visible(dependency.inputs)),
			outputs: fieldsOf(described.returns, visible(dependency.outputs)),
			examples: extra.examples ?? [],
			cachedExamples: extra.cached_examples ?? false,
			thumbnails: extra.thumbnails ?? [],
			generator: Boolean(dependency.types?.generator),
			code: config.spaceport ? (described.code_snippets ?? {}) : {},
		});
	}
	return {
		client,
		title: shorten(String(config.title ?? "") || "Space", LABEL_MAX),
		description: String(config.description ?? ""),
		root: client.url,
		apiRoot,
		chat: config.mode === "chat_interface",
		chatRoutes: chatRoutesOf(client.config.dependencies.map((one) => String(one.api_name ?? "")), endpoints[0]?.name ?? ""),
		resumable: Boolean(config.spaceport),
		user: (config.username as string | null) ?? null,
		emoji: document.documentElement.dataset.emoji ?? "",
		logo: document.documentElement.dataset.logo || iconAddress(),
		endpoints,
		reconnecting: client.reconnecting,
		session,
		history: new CallHistory(root, session.hash),
	};
}

/** The page about the API as Markdown, which the server writes for agents. */
export async function readMarkdown(space: SpaceView): Promise<string> {
	const answer = await space.client.fetch(`${space.root}agents.md`);
	if (!answer.ok) throw new Error(`The server could not write the page (status ${answer.status}).`);
	return answer.text();
}

function chatRoutesOf(names: string[], chat: string): SpaceView["chatRoutes"] {
	const [withHistory, like] = [`${chat}_turn`, `${chat}_like`];
	return { ...(names.includes(withHistory) && { withHistory }), ...(names.includes(like) && { like }) };
}

/** The page's favicon, where the author has chosen no emoji and no logo. */
function iconAddress(): string {
	const own = document.documentElement.dataset.emoji;
	return own ? "" : (document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? "");
}

function fieldsOf(parameters: Parameter[], components: Component[]): Field[] {
	return parameters.map((parameter, index) => {
		const component = components[index];
		const props = component?.props ?? {};
		return {
			id: component?.id ?? index,
			kind: component?.type ?? parameter.component.toLowerCase(),
			name: parameter.parameter_name ?? `value_${index + 1}`,
			label: shorten(labelOf(parameter, component), LABEL_MAX),
			info: shorten(String(props.info ?? ""), INFO_MAX),
			props,
			schema: parameter.type ?? {},
			python: shorten(parameter.python_type?.type ?? "", INFO_MAX),
			component: parameter.component,
			required: !parameter.parameter_has_default,
			default: parameter.parameter_default,
			example: parameter.example_input,
		};
	});
}

/** The author's label; else the parameter's name in words. A label that is only that name is written the same way. */
/** What an Interface calls outputs without a label of their own, as Gradio's does. */
const STANDARD_LABEL = /^output( \d+)?$/;

function labelOf({ label, parameter_name }: Parameter, component: Component | undefined): string {
	const own = String(component?.props?.label ?? "");
	if (STANDARD_LABEL.test(own)) return humanize(own);
	if (component?.type !== "api" && own && own !== parameter_name) return own;
	if (parameter_name !== undefined) return humanize(parameter_name);
	return component?.type === "api" || /^value_\d+$/.test(label) ? "Result" : humanize(label);
}

/** A name in words: `max_words` is "Max words". */
export function humanize(name: string): string {
	const words = name.replace(/[_-]+/g, " ").trim();
	return words.charAt(0).toUpperCase() + words.slice(1);
}
