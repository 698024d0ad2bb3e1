/** An input or an output with its label. */

import { useEffect } from "preact/hooks";
import type { Call } from "../services/call";
import type { Field } from "../components/kind";
import { kindOf } from "../components/registry";

export function InputField({ call, field }: { call: Call; field: Field }) {
	const kind = kindOf(field);
	const Input = kind.input ?? (kindOf({ ...field, kind: "json" }).input as NonNullable<typeof kind.input>);
	const id = `in-${call.endpoint.name}-${field.name}`.replace(/[^\w-]/g, "-");
	const problem = call.problemOf(field.name);
	useEffect(() => {
		const control = document.getElementById(id);
		if (problem) control?.setAttribute("aria-describedby", `${id}-problem`);
		else control?.removeAttribute("aria-describedby");
		control?.setAttribute("aria-invalid", String(Boolean(problem)));
	}, [id, Boolean(problem)]);
	const info = field.info && <small class="info">{field.info}</small>;
	const control = (
		<>
			<Input field={field} value={call.value(field.name)} id={id} submit={() => void call.run()} />
			{problem && (
				<p class="wrong" id={`${id}-problem`}>
					{problem}
				</p>
			)}
		</>
	);
	if (kind.group) {
		return (
			<fieldset class="field">
				<legend>{field.label}</legend>
				{info}
				{control}
			</fieldset>
		);
	}
	return (
		<div class="field">
			{!kind.labelled && <label for={id}>{field.label}</label>}
			{info}
			{control}
		</div>
	);
}

export function OutputField({ call, field, index }: { call: Call; field: Field; index: number }) {
	const { output: Output } = kindOf(field);
	const values = call.outputs.value;
	return (
		<section class="field output" aria-label={field.label}>
			<h2 class="minor">{field.label}</h2>
			{values === undefined || values[index] === undefined ? (
				<p class="empty">{call.busy.value ? "…" : "No result yet"}</p>
			) : (
				<Output field={field} value={values[index]} running={call.busy.value} />
			)}
		</section>
	);
}
