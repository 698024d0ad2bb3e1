/** Text: a line, or several that grow; Enter runs the call, Shift+Enter is a new line. */

import { useEffect, useRef } from "preact/hooks";
import type { InputProps, Kind, OutputProps } from "../kind";
import { Copy } from "../../views/copy";

const LINE_PX = 24;

function Input({ field, value, id, disabled, submit }: InputProps) {
	const area = useRef<HTMLTextAreaElement>(null);
	const text = String(value.value ?? "");
	const secret = field.props.type === "password";
	useEffect(() => {
		if (!area.current) return;
		area.current.style.height = "auto";
		const most = Number(field.props.max_lines ?? 20) * LINE_PX;
		area.current.style.height = `${Math.min(area.current.scrollHeight + 2, most)}px`;
	}, [text]);
	const typed = (event: Event) => {
		value.value = (event.target as HTMLInputElement).value;
	};
	const placeholder = String(field.props.placeholder ?? "");
	const shared = { id, value: text, onInput: typed, disabled, placeholder };
	if (field.props.type === "email") return <input type="email" {...shared} />;
	if (secret) return <input type="password" autocomplete="off" {...shared} />;
	const several = Number(field.props.lines ?? 1) > 1;
	const pressed = (event: KeyboardEvent) => {
		if (event.key === "Enter" && !event.isComposing && event.shiftKey === several) {
			event.preventDefault();
			submit();
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
			disabled={disabled}
			placeholder={placeholder}
			maxLength={field.props.max_length == null ? undefined : Number(field.props.max_length)}
		/>
	);
}

function Output({ value }: OutputProps) {
	const text = value === null || value === undefined ? "" : String(value);
	return (
		<div class="text">
			<div class="text-value" tabIndex={0}>{text}</div>
			<Copy text={text} />
		</div>
	);
}

export default { types: ["textbox", "api"], input: Input, output: Output, initial: () => "" } satisfies Kind;
