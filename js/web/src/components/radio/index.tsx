/** One of a few choices. */

import { choicesOf, type InputProps, type Kind, type OutputProps } from "../kind";

function Input({ field, value, id }: InputProps) {
	return (
		<div class="choices">
			{choicesOf(field).map(([label, own], index) => (
				<label class="choice" key={label}>
					<input
						id={index === 0 ? id : undefined}
						type="radio"
						name={id}
						checked={value.value === own}
						onChange={() => {
							value.value = own;
						}}
					/>
					{label}
				</label>
			))}
		</div>
	);
}

function Output({ field, value }: OutputProps) {
	return <div class="figure">{choicesOf(field).find(([, own]) => own === value)?.[0] ?? String(value ?? "")}</div>;
}

export default { types: ["radio"], input: Input, output: Output, initial: () => null, group: true } satisfies Kind;
