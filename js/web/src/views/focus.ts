/** Keeps the focus near a button that its own click takes away, as one that removes a file: else it falls to the body. */

const FOCUSABLE = "button:enabled, select:enabled, textarea:enabled, input:enabled:not([tabindex='-1']), [tabindex='0']";

function isGone(element: EventTarget | undefined): boolean {
	return element instanceof Node && !element.isConnected;
}

/** Listens for as long as the page lasts. */
export function keepFocus(): void {
	const onClick = (event: Event) => {
		const path = event.composedPath();
		requestAnimationFrame(() => {
			if (document.activeElement !== document.body || !isGone(path[0])) return;
			const near = path.filter((one): one is HTMLElement => one instanceof HTMLElement && one.isConnected && one !== document.body);
			for (const element of near) {
				const target = element.querySelector<HTMLElement>(FOCUSABLE);
				if (target) return target.focus({ preventScroll: true });
			}
		});
	};
	addEventListener("click", onClick, { capture: true });
}
