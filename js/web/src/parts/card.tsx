/** A surface with a border, perhaps with a head of a title and actions. */

import type { ComponentChildren } from "preact";
import { Toolbar } from "./toolbar";
import "./card.css";

interface Props {
	title?: ComponentChildren;
	actions?: ComponentChildren;
	/** Without a title: what it is for those who do not see it. */
	label?: string;
	class?: string;
	children: ComponentChildren;
}

export function Card({ title, actions, label, class: own = "", children }: Props) {
	return (
		<section class={`card ${own}`} {...(label && { "aria-label": label })}>
			{(title || actions) && (
				<header>
					<h2>{title}</h2>
					{actions && <Toolbar>{actions}</Toolbar>}
				</header>
			)}
			{children}
		</section>
	);
}
