/** A line across the page or a card that says what is the matter, perhaps with an action. */

import type { ComponentChildren } from "preact";
import { iconOf, type Tone } from "./badge";
import { Icon } from "./icon";
import "./banner.css";

interface Props {
	tone?: Extract<Tone, "good" | "warn" | "bad" | "note" | "busy">;
	title?: string;
	/** Buttons and links at its end. */
	actions?: ComponentChildren;
	/** `alert` is read aloud at once. */
	role?: "status" | "alert";
	children?: ComponentChildren;
}

export function Banner({ tone = "note", title, actions, role, children }: Props) {
	const icon = iconOf(tone);
	return (
		<div class={`banner ${tone} ${tone === "bad" ? "problem" : ""}`} role={role}>
			{icon && <Icon of={icon} />}
			<div>
				{title && <strong>{title}</strong>}
				{children}
			</div>
			{actions && <div class="row">{actions}</div>}
		</div>
	);
}
