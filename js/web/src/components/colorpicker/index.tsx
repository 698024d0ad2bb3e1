/** A colour. */

import type { InputProps, Kind, OutputProps } from "../kind";
import "./style.css";

function Input({ value, id }: InputProps) {
	const shown = /^#[0-9a-f]{6}$/i.test(String(value.value)) ? String(value.value) : "#000000";
	const typed = (event: Event) => {
		value.value = (event.target as HTMLInputElement).value;
	};
	return (
		<div class="row">
			<input id={id} type="color" value={shown} onInput={typed} />
			<output class="figure">{String(value.value ?? "")}</output>
		</div>
	);
}

function Output({ value }: OutputProps) {
	return (
		<div class="row">
			<span class="color-swatch" ref={(node) => node?.style.setProperty("background", String(value ?? ""))} />
			<span class="figure">{String(value ?? "")}</span>
		</div>
	);
}

export default { types: ["colorpicker"], input: Input, output: Output, initial: () => "#000000" } satisfies Kind;
