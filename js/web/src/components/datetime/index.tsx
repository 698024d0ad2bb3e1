/** A point in time. On the wire it is `YYYY-MM-DD HH:MM:SS`. */

import type { InputProps, Kind, OutputProps } from "../kind";

function Input({ field, value, id }: InputProps) {
	const timed = field.props.include_time !== false;
	const text = typeof value.value === "string" ? value.value.replace(" ", "T") : "";
	const typed = (event: Event) => {
		const found = (event.target as HTMLInputElement).value;
		const whole = timed && found.length === 16 ? `${found}:00` : found;
		value.value = found ? whole.replace("T", " ") : null;
	};
	return <input id={id} type={timed ? "datetime-local" : "date"} step={timed ? 1 : undefined} value={text} onInput={typed} />;
}

function Output({ value }: OutputProps) {
	return <div class="figure">{typeof value === "number" ? new Date(value * 1000).toLocaleString() : String(value ?? "")}</div>;
}

export default { types: ["datetime"], input: Input, output: Output, initial: () => null } satisfies Kind;
