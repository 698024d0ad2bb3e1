/** An input or an output with its label. */

import type { Call } from "../services/call";
import type { Field } from "../components/kind";
import { kindOf } from "../components/registry";

export function InputField({ call, field }: { call: Call; field: Field }) {
	const kind = kindOf(field);
	const Input = kind.input ?? (kindOf({ ...field, kind: "json" }).input as NonNullable<typeof kind.input>);
	const id = `in-${call.endpoint.name}-${field.name}`.replace(/[^\w-]/g, "-");
	const view = <Input field={field} value={call.value(field.name)} id={id} disabled={call.busy.value} submit={() => void call.run()} />;
	const info = field.info && <small class="info">{field.info}</small>;
	if (kind.group) {
		return (
			<fieldset class="field">
				<legend>{field.label}</legend>
				{info}
				{view}
			</fieldset>
		);
	}
	return (
		<div class="field">
			{!kind.labelled && <label for={id}>{field.label}</label>}
			{info}
			{view}
		</div>
	);
}

export function OutputField({ call, field, place }: { call: Call; field: Field; place: number }) {
	const { output: Output } = kindOf(field);
	const values = call.outputs.value;
	return (
		<section class="field output" aria-label={field.label}>
			<h3>{field.label}</h3>
			{values === undefined || values[place] === undefined ? (
				<p class="nothing">{call.busy.value ? "…" : "Nothing yet"}</p>
			) : (
				<Output field={field} value={values[place]} running={call.busy.value} />
			)}
		</section>
	);
}
