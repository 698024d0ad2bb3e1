/** One of many choices, several of them, or a text of the visitor. */

import { choicesOf, type Field, type InputProps, type Kind, type OutputProps } from "../kind";
import { Chosen } from "../checkboxgroup";
import "./style.css";

const several = (field: Field) => Boolean(field.props.multiselect) || field.schema.type === "array";

function Input(props: InputProps) {
	const { field, value, id } = props;
	const choices = choicesOf(field);
	if (several(field)) return <Several {...props} />;
	if (field.props.allow_custom_value) {
		return (
			<>
				<input
					id={id}
					list={`${id}-choices`}
					value={String(value.value ?? "")}
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
	const selected = choices.findIndex(([, own]) => own === value.value);
	return (
		<select
			id={id}
			value={String(selected)}
			onChange={(event) => {
				value.value = choices[Number(event.currentTarget.value)]?.[1] ?? null;
			}}
		>
			{selected < 0 && <option value="-1">Choose…</option>}
			{choices.map(([label], index) => (
				<option key={label} value={String(index)}>
					{label}
				</option>
			))}
		</select>
	);
}

/** The chosen values, each with a button that removes it, and a list of the others. */
function Several({ field, value, id }: InputProps) {
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
							<button type="button" aria-label={`Remove ${label}`} onClick={drop}>
								×
							</button>
						</li>
					);
				})}
			</ul>
			<select
				id={id}
				value=""
				disabled={!left.length}
				onChange={(event) => {
					const found = choices[Number(event.currentTarget.value)];
					if (found) value.value = [...chosen, found[1]];
				}}
			>
				<option value="">{left.length ? "Add…" : "All choices are selected"}</option>
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
