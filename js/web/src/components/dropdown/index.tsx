/** One of many choices, or several, or one's own. */

import { choicesOf, type Field, type InputProps, type Kind, type OutputProps } from "../kind";
import { Chosen } from "../checkboxgroup";

const several = (field: Field) => Boolean(field.props.multiselect) || field.schema.type === "array";

function Input(props: InputProps) {
	const { field, value, id, disabled } = props;
	const choices = choicesOf(field);
	if (several(field)) return <Several {...props} />;
	if (field.props.allow_custom_value) {
		return (
			<>
				<input
					id={id}
					list={`${id}-choices`}
					value={String(value.value ?? "")}
					disabled={disabled}
					onInput={(event) => {
						value.value = event.currentTarget.value;
					}}
				/>
				<datalist id={`${id}-choices`}>
					{choices.map(([label, own]) => (
						<option key={label} value={String(own)} label={label} />
					))}
				</datalist>
			</>
		);
	}
	const place = choices.findIndex(([, own]) => own === value.value);
	return (
		<select
			id={id}
			value={String(place)}
			disabled={disabled}
			onChange={(event) => {
				value.value = choices[Number(event.currentTarget.value)]?.[1] ?? null;
			}}
		>
			{place < 0 && <option value="-1">Choose…</option>}
			{choices.map(([label], index) => (
				<option key={label} value={String(index)}>
					{label}
				</option>
			))}
		</select>
	);
}

/** Those that are chosen, each with a button that takes it away, and what is left to choose. */
function Several({ field, value, id, disabled }: InputProps) {
	const chosen = Array.isArray(value.value) ? value.value : [];
	const choices = choicesOf(field);
	const left = choices.filter(([, own]) => !chosen.includes(own));
	return (
		<div class="several">
			<ul class="tags">
				{chosen.map((own) => {
					const label = choices.find((one) => one[1] === own)?.[0] ?? String(own);
					const drop = () => {
						value.value = chosen.filter((one) => one !== own);
					};
					return (
						<li key={label}>
							{label}
							<button type="button" aria-label={`Remove ${label}`} onClick={drop} disabled={disabled}>
								×
							</button>
						</li>
					);
				})}
			</ul>
			<select
				id={id}
				value=""
				disabled={disabled || !left.length}
				onChange={(event) => {
					const found = choices[Number(event.currentTarget.value)];
					if (found) value.value = [...chosen, found[1]];
				}}
			>
				<option value="">{left.length ? "Add…" : "All are chosen"}</option>
				{choices.map(([label, own], index) =>
					chosen.includes(own) ? null : (
						<option key={label} value={String(index)}>
							{label}
						</option>
					),
				)}
			</select>
		</div>
	);
}

function Output(props: OutputProps) {
	if (Array.isArray(props.value)) return <Chosen {...props} />;
	const found = choicesOf(props.field).find(([, own]) => own === props.value);
	return <div class="figure">{found?.[0] ?? String(props.value ?? "")}</div>;
}

const initial = (field: Field): unknown => (several(field) ? [] : (choicesOf(field)[0]?.[1] ?? null));
export default { types: ["dropdown"], input: Input, output: Output, initial } satisfies Kind;
