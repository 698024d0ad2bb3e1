/** A number. */

import type { InputProps, Kind, OutputProps } from "../kind";

function Input({ field, value, id, submit }: InputProps) {
	const { minimum, maximum, step } = field.props as Record<string, number | undefined>;
	const typed = (event: Event) => {
		const found = (event.target as HTMLInputElement).valueAsNumber;
		value.value = Number.isNaN(found) ? null : found;
	};
	return (
		<input
			id={id}
			type="number"
			value={value.value == null ? "" : Number(value.value)}
			min={minimum}
			max={maximum}
			step={step ?? (field.schema.type === "integer" ? 1 : "any")}
			onInput={typed}
			onKeyDown={(event) => event.key === "Enter" && !event.repeat && submit()}
		/>
	);
}

function Output({ value }: OutputProps) {
	return <div class="figure">{typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 12 }) : String(value ?? "")}</div>;
}

export default { types: ["number"], input: Input, output: Output, initial: () => null } satisfies Kind;
