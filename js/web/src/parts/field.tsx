/** A control with its label, a hint and what is wrong with its value. */

import type { ComponentChildren } from "preact";
import { CircleAlert } from "lucide";
import { Icon } from "./icon";
import "./field.css";

interface Props {
	/** Without it the control shows its label itself. */
	label?: ComponentChildren;
	/** The id of the control. */
	id?: string | undefined;
	/** Whether several controls share the label, which is a legend then. */
	group?: boolean;
	info?: ComponentChildren;
	problem?: string | undefined;
	optional?: boolean;
	children: ComponentChildren;
}

/** The control names the problem by `aria-describedby={`${id}-problem`}`. */
export function Field({ label, id, group = false, info, problem, optional = false, children }: Props) {
	const rest = (
		<>
			{info && <small class="info">{info}</small>}
			{children}
			{problem && (
				<p class="wrong" id={id && `${id}-problem`}>
					<Icon of={CircleAlert} size={16} />
					<span>{problem}</span>
				</p>
			)}
		</>
	);
	const text = (
		<>
			{label}
			{optional && <span class="optional">optional</span>}
		</>
	);
	if (group) {
		return (
			<fieldset class="field">
				<legend>{text}</legend>
				{rest}
			</fieldset>
		);
	}
	return (
		<div class="field">
			{label !== undefined && <label for={id}>{text}</label>}
			{rest}
		</div>
	);
}
