/** Yes or no. */

import type { InputProps, Kind, OutputProps } from "../kind";

function Input({ field, value, id }: InputProps) {
	return (
		<label class="choice">
			<input
				id={id}
				type="checkbox"
				checked={Boolean(value.value)}
				onChange={(event) => {
					value.value = event.currentTarget.checked;
				}}
			/>
			{field.label}
		</label>
	);
}

function Output({ value }: OutputProps) {
	return <div class="figure">{value ? "✓ Yes" : "✗ No"}</div>;
}

export default { types: ["checkbox"], input: Input, output: Output, initial: () => false, labelled: true } satisfies Kind;
