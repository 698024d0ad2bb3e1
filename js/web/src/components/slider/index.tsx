/** A number from a range: a slider, and a field beside it. */

import type { Field, InputProps, Kind, OutputProps } from "../kind";

function limits(field: Field) {
	const { minimum = 0, maximum = 100, step } = field.props as Record<string, number | undefined>;
	return { min: minimum, max: maximum, step: step ?? (maximum - minimum > 20 ? 1 : "any") };
}

function Input({ field, value, id }: InputProps) {
	const typed = (event: Event) => {
		const found = (event.target as HTMLInputElement).valueAsNumber;
		if (!Number.isNaN(found)) value.value = found;
	};
	const shared = { ...limits(field), value: Number(value.value), onInput: typed };
	return (
		<div class="row">
			<input id={id} type="range" {...shared} />
			<input type="number" class="short" aria-label={`${field.label}, as a number`} {...shared} />
		</div>
	);
}

function Output({ field, value }: OutputProps) {
	const { min, max } = limits(field);
	return (
		<div class="row">
			<meter min={min} max={max} value={Number(value)} aria-label={field.label} />
			<span class="figure">{String(value ?? "")}</span>
		</div>
	);
}

const initial = (field: Field) => field.props.value ?? limits(field).min;
export default { types: ["slider"], input: Input, output: Output, initial } satisfies Kind;
