/** A point in time. On the wire it is `YYYY-MM-DD HH:MM:SS`. */

import { useEffect, useRef } from "preact/hooks";
import { Draft } from "../../services/draft";
import type { InputProps, Kind, OutputProps } from "../kind";

function Input({ field, value, id }: InputProps) {
	const timed = field.props.include_time !== false;
	const text = typeof value.value === "string" ? value.value.replace(" ", "T") : "";
	const input = useRef<HTMLInputElement>(null);
	const current = value.value;
	useEffect(() => {
		// Of half a date the browser says that it is empty: only an assignment removes it.
		if (current === null && input.current) input.current.value = "";
	}, [current]);
	/** Also for keys that make half a date, of which the browser tells no input. */
	const typed = (event: Event) => {
		const { value: found, validity } = event.target as HTMLInputElement;
		if (validity.badInput) {
			if (!(current instanceof Draft)) value.value = new Draft("", "This is not a whole date yet.");
			return;
		}
		const whole = timed && found.length === 16 ? `${found}:00` : found;
		value.value = found ? whole.replace("T", " ") : null;
	};
	return <input id={id} ref={input} type={timed ? "datetime-local" : "date"} step={timed ? 1 : undefined} value={text} onInput={typed} onKeyUp={typed} />;
}

function Output({ value }: OutputProps) {
	return <div class="figure">{typeof value === "number" ? new Date(value * 1000).toLocaleString() : String(value ?? "")}</div>;
}

export default { types: ["datetime"], input: Input, output: Output, initial: () => null } satisfies Kind;
