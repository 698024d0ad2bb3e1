/** A number. */

import { NumberInput } from "../../views/numberinput";
import type { InputProps, Kind, OutputProps } from "../kind";

function Input({ field, value, id, submit }: InputProps) {
	const { minimum, maximum, step } = field.props as Record<string, number | undefined>;
	const own = {
		id,
		min: minimum,
		max: maximum,
		step: step ?? (field.schema.type === "integer" ? 1 : "any"),
		onKeyDown: (event: KeyboardEvent) => event.key === "Enter" && !event.repeat && submit(),
	};
	const take = (found: unknown) => {
		value.value = found ?? null;
	};
	return <NumberInput value={value.value} take={take} own={own} />;
}

function Output({ value }: OutputProps) {
	return <div class="figure">{typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 12 }) : String(value ?? "")}</div>;
}

export default { types: ["number"], input: Input, output: Output, initial: () => null } satisfies Kind;
