/** Several of a few choices. */

import { choicesOf, type Field, type InputProps, type Kind, type OutputProps } from "../kind";

function Input({ field, value, id }: InputProps) {
	const chosen = Array.isArray(value.value) ? value.value : [];
	return (
		<div class="choices">
			{choicesOf(field).map(([label, own], index) => (
				<label class="choice" key={label}>
					<input
						id={index === 0 ? id : undefined}
						type="checkbox"
						checked={chosen.includes(own)}
						onChange={(event) => {
							const rest = chosen.filter((one) => one !== own);
							value.value = event.currentTarget.checked ? [...rest, own] : rest;
						}}
					/>
					{label}
				</label>
			))}
		</div>
	);
}

export function Chosen({ field, value }: OutputProps) {
	const names = new Map(choicesOf(field).map(([label, own]) => [own, label]));
	const all = Array.isArray(value) ? value : [];
	return (
		<ul class="tags">
			{all.map((one) => (
				<li key={String(one)}>{names.get(one) ?? String(one)}</li>
			))}
		</ul>
	);
}

const initial = (_: Field): unknown => [];
export default { types: ["checkboxgroup"], input: Input, output: Chosen, initial, group: true } satisfies Kind;
