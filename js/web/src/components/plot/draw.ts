/** Draws a figure from its JSON into `parent`. Returns a function that removes it; rejects when it cannot be drawn. */
export type Draw = (parent: HTMLElement, figure: object, label: string) => Promise<() => void>;

/** The colours of the page, for figures with a transparent background. */
export function colours(parent: HTMLElement): { text: string; line: string } {
	const of = (name: string) => {
		parent.style.color = `var(${name})`;
		const found = getComputedStyle(parent).color;
		parent.style.color = "";
		return found;
	};
	return { text: of("--text"), line: of("--line") };
}
