/** Where a message is written: it grows to eight lines, takes files, and sends with Enter. */

import { ArrowUp, Paperclip, SlidersHorizontal, Square, X } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../../parts/button";
import { Draft } from "../../services/draft";
import { InputField } from "../../views/field";
import { ChosenFile } from "../../views/file";
import { textOf } from "../../services/conversations";
import type { Chat } from "./chat";

const LINES_MAX = 8;
const LINE_PX = 22;
/** A click that comes this soon after Send was meant for Send. */
const GUARD_MS = 500;

interface Props {
	chat: Chat;
	/** A message to write anew; `at`: its place in the conversation. */
	draft: { content: unknown; at?: number } | undefined;
	clear: () => void;
}

export function Composer({ chat, draft, clear }: Props) {
	const { call } = chat;
	const [message, ...more] = call.endpoint.inputs;
	const area = useRef<HTMLTextAreaElement>(null);
	const chooser = useRef<HTMLInputElement>(null);
	const [files, setFiles] = useState<File[]>([]);
	const [text, setText] = useState("");
	const [open, setOpen] = useState(false);
	const [sentAt, setSentAt] = useState(0);
	const busy = call.busy.value;
	const multimodal = message?.kind === "multimodaltextbox";
	useEffect(() => {
		if (!draft) return;
		setText(textOf(draft.content));
		area.current?.focus();
	}, [draft]);
	useEffect(() => {
		if (!area.current) return;
		area.current.style.height = "auto";
		area.current.style.height = `${Math.min(area.current.scrollHeight, LINES_MAX * LINE_PX)}px`;
	}, [text]);

	const blocked = more.some((field) => call.value(field.name).value instanceof Draft || call.missing.value.includes(field.label));
	const empty = !text.trim() && !files.length;
	const send = () => {
		if (empty || busy || blocked) return;
		const content = multimodal ? { text, files } : text;
		setText("");
		setFiles([]);
		setSentAt(performance.now());
		area.current?.focus();
		clear();
		void (draft?.at === undefined ? chat.send(content) : chat.edit(draft.at, content));
	};
	const stop = () => {
		if (performance.now() - sentAt < GUARD_MS) return;
		area.current?.focus();
		call.cancel();
	};
	const take = (list: FileList | null | undefined) => multimodal && list?.length && setFiles([...files, ...list]);
	return (
		<form
			class="composer"
			aria-label="Your message"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
			onDragOver={(event) => multimodal && event.preventDefault()}
			onDrop={(event) => {
				if (!multimodal) return;
				event.preventDefault();
				take(event.dataTransfer?.files);
			}}
			onPaste={(event) => take(event.clipboardData?.files)}
		>
			{more.length > 0 && (
				<div class="more inputs" hidden={!open}>
					{more.map((field) => (
						<InputField key={field.name} call={call} field={field} />
					))}
				</div>
			)}
			{draft?.at !== undefined && (
				<p class="editing">
					<small>Editing a message: what came after it goes.</small>
					<IconButton
						label="Do not edit"
						icon={X}
						onClick={() => {
							setText("");
							clear();
						}}
					/>
				</p>
			)}
			{files.map((file, index) => (
				<ChosenFile key={index} file={file} remove={() => setFiles(files.filter((one) => one !== file))} />
			))}
			<div class="box">
				<textarea
					ref={area}
					rows={1}
					aria-label="Message"
					dir="auto"
					placeholder={String(message?.props.placeholder ?? "") || "Write a message"}
					value={text}
					onInput={(event) => setText(event.currentTarget.value)}
					onKeyDown={(event) => {
						if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
						event.preventDefault();
						if (!event.repeat) send();
					}}
				/>
				<div class="row">
					{multimodal && (
						<>
							<input ref={chooser} type="file" multiple hidden onChange={(event) => take(event.currentTarget.files)} />
							<IconButton label="Add files" icon={Paperclip} onClick={() => chooser.current?.click()} />
						</>
					)}
					{more.length > 0 && (
						<Button small look="ghost" icon={SlidersHorizontal} aria-expanded={open} onClick={() => setOpen(!open)}>
							More inputs
						</Button>
					)}
					{blocked && <small>Still needed: {call.missing.value.filter((label) => label !== message?.label).join(", ")}</small>}
					<span class="spacer" />
					{busy ? (
						<IconButton key="stop" class="round" look="primary" label="Stop" icon={Square} onClick={stop} />
					) : (
						<IconButton key="send" type="submit" class="round" look="primary" label="Send" icon={ArrowUp} aria-disabled={empty || blocked} />
					)}
				</div>
			</div>
		</form>
	);
}
