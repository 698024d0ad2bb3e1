/** An input with its label. */

import { useEffect } from "preact/hooks";
import type { Field } from "../components/kind";
import { kindOf } from "../components/registry";
import { Field as FieldPart } from "../parts/field";
import type { Call } from "../services/call";
import { Guard } from "./guard";

export function InputField({ call, field }: { call: Call; field: Field }) {
	const kind = kindOf(field);
	const Input = kind.input ?? (kindOf({ ...field, kind: "json" }).input as NonNullable<typeof kind.input>);
	const id = `in-${encodeURIComponent(`${call.endpoint.name}-${field.name}`)}`;
	const problem = call.problemOf(field);
	useEffect(() => {
		const control = document.getElementById(id);
		if (problem) control?.setAttribute("aria-describedby", `${id}-problem`);
		else control?.removeAttribute("aria-describedby");
		control?.setAttribute("aria-invalid", String(Boolean(problem)));
	}, [id, Boolean(problem)]);
	return (
		<FieldPart
			label={kind.labelled ? undefined : field.label}
			id={id}
			group={kind.group ?? false}
			info={field.info}
			problem={problem || undefined}
			optional={!field.required && !kind.labelled && field.default === null}
		>
			<Guard value={call.value(field.name).value} clear={() => call.clear(field)}>
				<Input field={field} value={call.value(field.name)} id={id} submit={() => void call.run()} {...(kind.faults && { faults: call.faultsOf(field.name) })} />
			</Guard>
		</FieldPart>
	);
}
