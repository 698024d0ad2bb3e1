/** plotly: loaded when a page has a figure of it. The small bundle: bars, lines, points, pies. */

/** plotly puts its rules into the sheet of this id, or into a style element, which the page's policy does not have. */
const SHEET = "plotly.js-style-global";
const KNOWN = new Set(["bar", "calendar", "pie", "scatter"]);

interface Figure {
	data?: { type?: string }[];
	layout?: Record<string, unknown>;
}

/** Draws a figure; returns what takes it away again. Throws for what the small bundle does not draw. */
export async function draw(parent: HTMLElement, figure: unknown): Promise<() => void> {
	const { data = [], layout = {} } = figure as Figure;
	const other = data.find((one) => !KNOWN.has(one.type ?? "scatter"));
	if (other) throw new Error(`traces of the type ${other.type}`);
	const sheet = document.querySelector<HTMLLinkElement>('link[rel="stylesheet"]');
	if (sheet && !document.getElementById(SHEET)) sheet.id = SHEET;
	const { default: Plotly } = await import("plotly.js-basic-dist-min");
	const colour = getComputedStyle(parent).color;
	const own = { autosize: true, paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { color: colour } };
	await Plotly.newPlot(parent, data, { ...layout, ...own, width: undefined }, { responsive: true, displaylogo: false });
	return () => Plotly.purge(parent);
}
