/** A number from a range: a slider, and a field beside it. */

import { useRef } from "preact/hooks";
import { Draft } from "../../services/draft";
import { NumberInput } from "../../views/numberinput";
import type { Field, InputProps, Kind, OutputProps } from "../kind";

function limits(field: Field) {
	const { minimum = 0, maximum = 100, step } = field.props as Record<string, number | undefined>;
	return { min: minimum, max: maximum, step: step ?? (maximum - minimum > 20 ? 1 : "any") };
}

function Input({ field, value, id }: InputProps) {
	const current = value.value;
	const last = useRef(limits(field).min);
	if (!(current instanceof Draft)) last.current = Number(current);
	const slide = (event: Event) => {
		value.value = (event.target as HTMLInputElement).valueAsNumber;
	};
	const take = (found: unknown) => {
		value.value = found ?? new Draft("", "Give a number.");
	};
	const own = { ...limits(field), class: "short", "aria-label": `${field.label}, as a number` };
	return (
		<div class="row">
			<input id={id} type="range" {...limits(field)} value={last.current} onInput={slide} />
			<NumberInput value={current} take={take} own={own} />
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
