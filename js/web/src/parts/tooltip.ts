/** Tooltips: an element with `data-tip` shows that text while the pointer or the keyboard's focus is on it. */

import { placeBeside } from "./place";
import "./tooltip.css";

const DELAY_MS = 400;

/** Called once by each entry. The text is also the element's label, so screen readers do not need the tooltip. */
export function showTooltips(): void {
	const tip = document.createElement("div");
	tip.className = "tooltip";
	tip.popover = "manual";
	tip.setAttribute("aria-hidden", "true");
	document.body.append(tip);
	let timer: ReturnType<typeof setTimeout> | undefined;
	const hide = () => {
		clearTimeout(timer);
		if (tip.matches(":popover-open")) tip.hidePopover();
	};
	const show = (element: HTMLElement) => {
		tip.textContent = element.dataset.tip ?? "";
		if (!tip.textContent || !element.isConnected) return;
		tip.showPopover();
		placeBeside(tip, element, true);
	};
	const find = (event: Event) => (event.target instanceof Element ? event.target.closest<HTMLElement>("[data-tip]") : null);
	document.addEventListener("pointerover", (event) => {
		hide();
		const element = find(event);
		if (element && event.pointerType !== "touch") timer = setTimeout(() => show(element), DELAY_MS);
	});
	document.addEventListener("focusin", (event) => {
		hide();
		const element = find(event);
		if (element?.matches(":focus-visible")) show(element);
	});
	for (const event of ["focusout", "pointerdown", "keydown", "scroll"]) document.addEventListener(event, hide, true);
}
