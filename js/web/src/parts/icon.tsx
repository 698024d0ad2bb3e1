/** A Lucide icon. Only icons that are imported somewhere are in the build. */

import type { IconNode } from "lucide";
import { h } from "preact";

/** On a grid of 24 units: lines of 1.5 px at each size. */
const GRID = 24;
const LINE_PX = 1.5;

/** Decoration: what it means is said by the text or the label beside it. */
export function Icon({ of, size = 16 }: { of: IconNode; size?: number }) {
	return (
		<svg
			class="icon"
			width={size}
			height={size}
			viewBox={`0 0 ${GRID} ${GRID}`}
			fill="none"
			stroke="currentColor"
			stroke-width={(LINE_PX * GRID) / size}
			stroke-linecap="round"
			stroke-linejoin="round"
			aria-hidden="true"
		>
			{of.map(([tag, attributes]) => h(tag, attributes as Record<string, string>))}
		</svg>
	);
}
