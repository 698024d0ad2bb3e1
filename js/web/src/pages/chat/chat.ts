/** A conversation with the Space: what was said, and what can be done about it. */

import { batch, computed, signal } from "@preact/signals";
import type { Call } from "../../services/call";
import { type ChatTurn, Conversations, textOf } from "../../services/conversations";
import { isFile } from "../../services/files";
import type { SpaceView } from "../../services/space";

/** A message as the Chatbot component has it on the wire. */
function toWire({ role, content }: ChatTurn): unknown {
	return { role, metadata: null, options: null, content: partsOf(content) };
}

function partsOf(content: unknown): unknown[] {
	if (typeof content === "string") return [{ type: "text", text: content }];
	if (Array.isArray(content)) return content.flatMap(partsOf);
	if (isFile(content)) return [{ type: "file", file: content }];
	const own = (content ?? {}) as { text?: unknown; files?: unknown[]; type?: unknown };
	if (Array.isArray(own.files)) return [...own.files.map((file) => ({ type: "file", file })), { type: "text", text: String(own.text ?? "") }];
	return [typeof own.type === "string" ? own : { type: "text", text: JSON.stringify(content) }];
}

export class Chat {
	readonly call: Call;
	readonly conversations: Conversations;
	readonly said = signal<ChatTurn[]>([]);
	/** What is shown: an answer that is being made comes last. */
	readonly turns = computed<ChatTurn[]>(() => {
		const reply = this.call.busy.value ? this.call.outputs.value?.[0] : undefined;
		return reply === undefined ? this.said.value : [...this.said.value, { role: "assistant", content: reply }];
	});
	readonly canLike: boolean;
	readonly #space: SpaceView;
	#id = "";

	constructor(call: Call, space: SpaceView) {
		this.call = call;
		this.#space = space;
		this.canLike = space.chatRoutes.like !== undefined;
		this.conversations = new Conversations(`${space.root}${call.endpoint.name}`);
		this.#show();
	}

	get message(): string {
		return this.call.endpoint.inputs[0]?.name ?? "";
	}

	/** Shows another conversation. An answer that is being made is stopped. */
	open(id: string): void {
		if (id === this.#id) return;
		this.call.cancel();
		this.conversations.choose(id);
		this.#show();
	}

	begin(): void {
		this.call.cancel();
		this.conversations.start();
		this.#show();
	}

	remove(id: string): void {
		if (id === this.#id) this.call.cancel();
		this.conversations.remove(id);
		this.#show();
	}

	async send(content: unknown): Promise<void> {
		if (this.call.busy.value) return;
		this.said.value = [...this.said.value, { role: "user", content }];
		const history = this.said.value.slice(0, -1);
		await this.#answer(() => this.#run(content, history));
	}

	/** Asks once more for the answer to the last message. */
	async retry(): Promise<void> {
		const at = this.said.value.findLastIndex((turn) => turn.role === "user");
		await this.edit(at, this.said.value[at]?.content);
	}

	/** Puts another message at this place. What came after it goes. */
	async edit(at: number, content: unknown): Promise<void> {
		if (this.call.busy.value || at < 0) return;
		this.said.value = this.said.value.slice(0, at);
		await this.send(content);
	}

	/** Takes the last message and its answer back, and returns the message. */
	undo(): unknown {
		const at = this.said.value.findLastIndex((turn) => turn.role === "user");
		if (at < 0 || this.call.busy.value) return undefined;
		const content = this.said.value[at]?.content;
		this.said.value = this.said.value.slice(0, at);
		this.#save();
		return content;
	}

	/** Tells the author's handler. Throws what the call throws. */
	async like(at: number, liked: boolean): Promise<void> {
		const answer = this.said.value[at];
		const { like } = this.#space.chatRoutes;
		if (!answer || like === undefined) return;
		const chosen = answer.liked === liked ? undefined : liked;
		this.said.value = this.said.value.map((one, index) => (index === at ? { ...one, liked: chosen } : one));
		this.#save();
		if (chosen !== undefined) await this.#space.client.predict(`/${like}`, [at, textOf(answer.content), chosen]);
	}

	/** After a reload an answer that was being made goes on. */
	#show(): void {
		const { id, turns, job } = this.conversations.current;
		this.#id = id;
		batch(() => {
			this.said.value = turns;
			this.call.outputs.value = undefined;
			this.call.problem.value = undefined;
		});
		if (job !== undefined) void this.#answer(() => this.call.attach(job));
	}

	#run(content: unknown, history: ChatTurn[]): Promise<void> {
		const { withHistory } = this.#space.chatRoutes;
		const [message, ...more] = this.call.endpoint.inputs;
		const given = { [message?.name ?? ""]: content };
		if (withHistory === undefined) return this.call.run(given);
		const arrange = (values: unknown[]) => [values[0], history.map(toWire), ...values.slice(1, more.length + 1)];
		return this.call.run(given, { name: withHistory, arrange });
	}

	async #answer(run: () => Promise<void>): Promise<void> {
		const id = this.#id;
		this.call.outputs.value = undefined;
		const running = run();
		const unsubscribe = this.call.job.subscribe((job) => job !== undefined && id === this.#id && this.#save(job));
		this.#save();
		await running;
		unsubscribe();
		if (id !== this.#id) return;
		const answer = this.call.outputs.value?.[0];
		if (answer !== undefined) this.said.value = [...this.said.value, { role: "assistant", content: answer }];
		this.#save();
	}

	#save(job?: string): void {
		this.conversations.save({ id: this.#id, changed_at: 0, turns: this.said.value, job });
	}
}
