/** A chat: what was said stays, the answer comes as it is made. */

import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Turns } from "../components/chatbot";
import type { Call } from "../services/call";
import { InputField } from "../views/field";
import { Progress, Toasts } from "../views/progress";

interface Turn {
	role: string;
	content: unknown;
}

export function ChatPage({ call }: { call: Call }) {
	const before = useMemo(() => signal<Turn[]>([]), [call]);
	const end = useRef<HTMLDivElement>(null);
	const [message, ...more] = call.endpoint.inputs;
	const reply = call.outputs.value?.[0];
	const turns = reply === undefined || !call.busy.value ? before.value : [...before.value, { role: "assistant", content: reply }];
	useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [turns.length, reply]);
	if (!message) return null;

	const send = async () => {
		const said = call.value(message.name);
		const content = structuredClone(said.value);
		const empty = typeof content === "string" ? !content.trim() : !(content as { text?: string } | null)?.text;
		if (empty || call.busy.value) return;
		before.value = [...before.value, { role: "user", content }];
		call.outputs.value = undefined;
		await call.run();
		const answer = (call.outputs.value as unknown[] | undefined)?.[0];
		if (answer !== undefined) before.value = [...before.value, { role: "assistant", content: answer }];
		if (call.stage.value === "done") said.value = typeof content === "string" ? "" : { text: "", files: [] };
	};
	return (
		<>
			<div class="card conversation">
				{turns.length ? <Turns turns={turns} /> : <p class="nothing">Say something to begin.</p>}
				<Progress call={call} />
				<div ref={end} />
			</div>
			<form
				class="card inputs"
				aria-label="Your message"
				onSubmit={(event) => {
					event.preventDefault();
					void send();
				}}
				onKeyDownCapture={(event) => {
					if (event.key === "Enter" && !event.shiftKey && !event.isComposing && (event.target as HTMLElement).tagName === "TEXTAREA") {
						event.preventDefault();
						event.stopPropagation();
						void send();
					}
				}}
			>
				<InputField call={call} field={{ ...message, label: "Message" }} />
				{more.map((field) => (
					<InputField key={field.name} call={call} field={field} />
				))}
				<div class="row actions">
					{call.busy.value ? (
						<button type="button" class="stop" onClick={() => call.cancel()}>
							Cancel
						</button>
					) : (
						<button type="submit" class="run">
							Send
						</button>
					)}
				</div>
			</form>
			<Toasts call={call} />
		</>
	);
}
