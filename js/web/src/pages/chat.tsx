/** A chat: messages stay on the page, and the answer grows as it is made. */

import { effect, signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Messages } from "../components/chatbot";
import type { Call } from "../services/call";
import type { ChatTurn, TabSession } from "../services/session";
import { InputField } from "../views/field";
import { Notices, Progress } from "../views/progress";
import { RunButton } from "../views/run";
import "./chat.css";

/** The turns of a conversation. After a reload they are there again, and an answer that was being made goes on. */
class Conversation {
	readonly turns = signal<ChatTurn[]>([]);
	readonly #call: Call;

	constructor(call: Call, session: TabSession) {
		this.#call = call;
		const stored = session.chat(call.endpoint.name);
		this.turns.value = stored?.turns ?? [];
		if (stored?.job !== undefined) void this.#answer(() => call.attach(stored.job as string));
		effect(() => {
			const job = call.busy.value ? (call.job.value ?? stored?.job) : undefined;
			session.saveChat(call.endpoint.name, { turns: this.turns.value, job });
		});
	}

	async say(content: unknown, run: () => Promise<void>): Promise<void> {
		this.turns.value = [...this.turns.value, { role: "user", content }];
		await this.#answer(run);
	}

	async #answer(run: () => Promise<void>): Promise<void> {
		this.#call.outputs.value = undefined;
		await run();
		const answer = (this.#call.outputs.value as unknown[] | undefined)?.[0];
		if (answer !== undefined) this.turns.value = [...this.turns.value, { role: "assistant", content: answer }];
	}
}

export function ChatPage({ call, session }: { call: Call; session: TabSession }) {
	const conversation = useMemo(() => new Conversation(call, session), [call]);
	const end = useRef<HTMLDivElement>(null);
	const form = useRef<HTMLFormElement>(null);
	const [message, ...more] = call.endpoint.inputs;
	const reply = call.outputs.value?.[0];
	const said = conversation.turns.value;
	const turns = reply === undefined || !call.busy.value ? said : [...said, { role: "assistant", content: reply }];
	useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [turns.length, reply]);
	if (!message) return null;

	const send = () => {
		const input = call.value(message.name);
		const content = structuredClone(input.value);
		const empty = typeof content === "string" ? !content.trim() : !(content as { text?: string } | null)?.text;
		if (empty || call.busy.value || !call.ready.value) return;
		input.value = typeof content === "string" ? "" : { text: "", files: [] };
		form.current?.querySelector("textarea")?.focus();
		void conversation.say(content, () => call.run({ [message.name]: content }));
	};
	return (
		<>
			<div class="card conversation">
				{turns.length ? <Messages turns={turns} /> : <p class="empty">Write a message to begin.</p>}
				<Progress call={call} />
				<div ref={end} />
			</div>
			<form
				ref={form}
				class="card inputs"
				aria-label="Your message"
				onSubmit={(event) => {
					event.preventDefault();
					send();
				}}
				onKeyDownCapture={(event) => {
					if (event.key === "Enter" && !event.shiftKey && !event.isComposing && (event.target as HTMLElement).tagName === "TEXTAREA") {
						event.preventDefault();
						event.stopPropagation();
						if (!event.repeat) send();
					}
				}}
			>
				<InputField call={call} field={{ ...message, label: "Message" }} />
				{more.map((field) => (
					<InputField key={field.name} call={call} field={field} />
				))}
				<div class={`row actions ${call.busy.value ? "busy" : ""}`}>
					<RunButton call={call} label="Send" />
				</div>
			</form>
			<Notices call={call} />
		</>
	);
}
