/** What stands where there is nothing yet: what will be here, and what to do. */

import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { Icon } from "./icon";
import "./empty.css";

interface Props {
	icon?: IconNode;
	title: string;
	/** A sentence. */
	text?: string;
	/** The actions. */
	children?: ComponentChildren;
}

export function Empty({ icon, title, text, children }: Props) {
	return (
		<div class="empty-state">
			{icon && <Icon of={icon} size={20} />}
			<strong>{title}</strong>
			{text && <p>{text}</p>}
			{children && <div class="row">{children}</div>}
		</div>
	);
}
