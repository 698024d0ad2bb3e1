/** Markdown, sanitized. */

import type { InputProps, Kind, OutputProps } from "../kind";
import { Rich } from "../../views/rich";

function Input({ value, id }: InputProps) {
	return (
		<textarea
			id={id}
			rows={4}
			dir="auto"
			value={String(value.value ?? "")}
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
