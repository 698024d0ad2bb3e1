/** Draws a figure, given as its JSON; returns what takes it away again. Throws what says why it cannot. */
export type Draw = (parent: HTMLElement, figure: object, label: string) => Promise<() => void>;

/** Colours of the page, for figures on no ground of their own. */
export function colours(parent: HTMLElement): { text: string; line: string } {
	const of = (name: string) => {
		parent.style.color = `var(${name})`;
		const found = getComputedStyle(parent).color;
		parent.style.color = "";
		return found;
	};
	return { text: of("--text"), line: of("--line") };
}
