/** Text: one line or several, growing with the text. Enter runs the call in one line, Shift+Enter in several. */

import { useEffect, useRef } from "preact/hooks";
import type { InputProps, Kind, OutputActions, OutputProps } from "../kind";
import "./style.css";

const LINE_PX = 20;

function Input({ field, value, id, submit }: InputProps) {
	const area = useRef<HTMLTextAreaElement>(null);
	const text = String(value.value ?? "");
	const secret = field.props.type === "password";
	useEffect(() => {
		if (!area.current) return;
		area.current.style.height = "auto";
		const max_px = Number(field.props.max_lines ?? 20) * LINE_PX;
		area.current.style.height = `${Math.min(area.current.scrollHeight + 2, max_px)}px`;
	}, [text]);
	const typed = (event: Event) => {
		value.value = (event.target as HTMLInputElement).value;
	};
	const placeholder = String(field.props.placeholder ?? "");
	const shared = { id, value: text, onInput: typed, placeholder, dir: "auto" as const };
	if (field.props.type === "email") return <input type="email" {...shared} />;
	if (secret) return <input type="password" autocomplete="off" {...shared} />;
	const several = Number(field.props.lines ?? 1) > 1;
	const pressed = (event: KeyboardEvent) => {
		if (event.key === "Enter" && !event.isComposing && event.shiftKey === several) {
			event.preventDefault();
			if (!event.repeat) submit();
		}
	};
	return (
		<textarea
			id={id}
			ref={area}
			rows={Number(field.props.lines ?? 1)}
			value={text}
			onInput={typed}
			onKeyDown={pressed}
			dir="auto"
			placeholder={placeholder}
			maxLength={field.props.max_length == null ? undefined : Number(field.props.max_length)}
		/>
	);
}

const toText = (value: unknown) => (value === null || value === undefined ? "" : String(value));

function Output({ value }: OutputProps) {
	const text = toText(value);
	return (
		<div class="text-value" dir="auto" tabIndex={0}>
			{text}
		</div>
	);
}

const actions = (value: unknown): OutputActions => ({ copy: () => toText(value), save: ["result.txt", () => toText(value)] });
export default { types: ["textbox", "api"], input: Input, output: Output, actions, initial: () => "" } satisfies Kind;
