/** Markdown, made safe; what makes it is loaded when there is some. */

import type { InputProps, Kind, OutputProps } from "../kind";
import { Rich } from "../../views/rich";

function Input({ value, id, disabled }: InputProps) {
	return (
		<textarea
			id={id}
			rows={4}
			value={String(value.value ?? "")}
			disabled={disabled}
			onInput={(event) => {
				value.value = event.currentTarget.value;
			}}
		/>
	);
}

function Output({ value }: OutputProps) {
	return <Rich markdown={String(value ?? "")} />;
}

export default { types: ["markdown"], input: Input, output: Output, initial: () => "" } satisfies Kind;
