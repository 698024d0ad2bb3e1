/** Where what floats stands: beside the element it belongs to, and inside the window. */

const GAP_PX = 6;
const EDGE_PX = 8;

/** Below the element, or above it where there is no room; `centred` for tooltips, else aligned with the nearer edge. */
export function placeBeside(floating: HTMLElement, element: HTMLElement, centred = false): void {
	const at = element.getBoundingClientRect();
	const own = floating.getBoundingClientRect();
	const below = at.bottom + GAP_PX;
	const top = below + own.height + EDGE_PX > innerHeight ? Math.max(EDGE_PX, at.top - GAP_PX - own.height) : below;
	const wanted = centred ? at.left + (at.width - own.width) / 2 : at.left + at.width / 2 > innerWidth / 2 ? at.right - own.width : at.left;
	const left = Math.min(Math.max(EDGE_PX, wanted), innerWidth - own.width - EDGE_PX);
	Object.assign(floating.style, { position: "fixed", margin: "0", top: `${top}px`, left: `${left}px` });
}
