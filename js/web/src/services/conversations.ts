/** The conversations that this browser keeps of one chat, newest first. */

import { computed, signal } from "@preact/signals";
import { holdsFile } from "./files";
import { readStored, writeStored } from "./storage";

export interface ChatTurn {
	role: string;
	content: unknown;
	/** The visitor's thumb. */
	liked?: boolean | undefined;
}

export interface Conversation {
	id: string;
	changed_at: number;
	turns: ChatTurn[];
	/** The job that answers the last message, while it has not ended. */
	job?: string | undefined;
}

const KEPT_MAX = 50;
const TURNS_MAX = 200;
const TEXT_MAX = 2_000_000;
const TITLE_MAX = 60;
const newId = () => crypto.getRandomValues(new Uint32Array(2)).join("-");

/** What a conversation is called: its first message. */
export function titleOf({ turns }: Conversation): string {
	const text = textOf(turns.find((turn) => turn.role === "user")?.content).trim().replace(/\s+/g, " ");
	return text.length > TITLE_MAX ? `${text.slice(0, TITLE_MAX - 1)}…` : text || "New conversation";
}

/** The text of a message, without its files. */
export function textOf(content: unknown): string {
	if (typeof content === "string") return content;
	if (Array.isArray(content)) return content.map(textOf).filter(Boolean).join("\n");
	const own = content as { text?: unknown } | null | undefined;
	return typeof own?.text === "string" ? own.text : "";
}

/** A conversation as Markdown, for a file. */
export function toMarkdown(conversation: Conversation): string {
	const turns = conversation.turns.map(({ role, content }) => `## ${role === "user" ? "You" : "Answer"}\n\n${textOf(content) || JSON.stringify(content)}`);
	return [`# ${titleOf(conversation)}`, ...turns].join("\n\n");
}

export class Conversations {
	readonly #key: string;
	readonly #all = signal<Conversation[]>([]);
	/** The id of the one that this tab shows. */
	readonly chosen = signal("");
	readonly list = computed(() => this.#all.value.filter((one) => one.turns.length));

	/** `name`: the address of the Space and the name of the chat. */
	constructor(name: string) {
		this.#key = `spaceport-chats:${name}`;
		this.#all.value = this.#read();
		this.chosen.value = readStored(this.#key, "sessionStorage") || newId();
		this.choose(this.chosen.value);
	}

	get current(): Conversation {
		return this.#all.value.find((one) => one.id === this.chosen.value) ?? { id: this.chosen.value, changed_at: 0, turns: [] };
	}

	choose(id: string): void {
		this.chosen.value = id;
		writeStored(this.#key, id, "sessionStorage");
	}

	start(): void {
		this.choose(newId());
	}

	/** Other tabs may have written since: only this conversation is replaced. */
	save(conversation: Conversation): void {
		const turns = conversation.turns.slice(-TURNS_MAX);
		const changed = { ...conversation, turns, changed_at: Date.now() };
		this.#write([changed, ...this.#read().filter((one) => one.id !== conversation.id)]);
	}

	remove(id: string): void {
		this.#write(this.#read().filter((one) => one.id !== id));
		if (id === this.chosen.value) this.start();
	}

	/** The oldest go when there are too many, or too much. */
	#write(all: Conversation[]): void {
		let kept = all.slice(0, KEPT_MAX).map((one) => ({ ...one, turns: one.turns.map(withoutFiles) }));
		let text = JSON.stringify(kept);
		while (text.length > TEXT_MAX && kept.length > 1) {
			kept = kept.slice(0, -1);
			text = JSON.stringify(kept);
		}
		writeStored(this.#key, text);
		const open = all.find((one) => one.id === this.chosen.value);
		this.#all.value = kept.map((one) => (one.id === open?.id ? open : one));
	}

	#read(): Conversation[] {
		try {
			const found = JSON.parse(readStored(this.#key) ?? "[]") as Conversation[];
			return found.filter((one) => typeof one?.id === "string" && Array.isArray(one.turns));
		} catch {
			return []; // written by something else
		}
	}
}

/** A file that was sent from here cannot be kept: its name is. */
function withoutFiles(turn: ChatTurn): ChatTurn {
	if (!holdsFile(turn.content)) return turn;
	const replace = (value: unknown): unknown => {
		if (value instanceof File) return `📎 ${value.name}`;
		if (Array.isArray(value)) return value.map(replace);
		if (typeof value !== "object" || value === null) return value;
		return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item)]));
	};
	return { ...turn, content: replace(turn.content) };
}
