/** A row of small buttons that belong to the thing above or beside them. */

import type { ComponentChildren } from "preact";
import "./toolbar.css";

export function Toolbar({ label, children }: { label?: string; children: ComponentChildren }) {
	return (
		<div class="toolbar" {...(label && { role: "group", "aria-label": label })}>
			{children}
		</div>
	);
}
