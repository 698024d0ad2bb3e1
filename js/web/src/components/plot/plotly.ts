/** plotly: bars, lines, points and pies by its small bundle, the rest by the whole one that runs under a strict policy. */

import { colours, type Draw } from "./draw";

/** plotly puts its rules into the sheet of this id, or into a style element, which the page's policy does not have. */
const SHEET = "plotly.js-style-global";
/** Its maps, whose tiles are of other hosts, add a style element as they load, where nothing has this id (plotly 4.1.1). */
const MAPS = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
const SMALL = new Set(["bar", "pie", "scatter"]);

interface Figure {
	data?: { type?: string }[];
	layout?: Record<string, unknown>;
	frames?: unknown[];
}

export const draw: Draw = async (parent, figure) => {
	const { data = [], layout = {}, frames = [] } = figure as Figure;
	const sheet = document.querySelector<HTMLLinkElement>('link[rel="stylesheet"]');
	if (sheet && !document.getElementById(SHEET)) sheet.id = SHEET;
	if (!document.getElementById(MAPS)) document.head.append(Object.assign(document.createElement("template"), { id: MAPS }));
	const small = data.every((one) => SMALL.has(one.type ?? "scatter"));
	const { default: Plotly } = await (small ? import("plotly.js-basic-dist-min") : import("plotly.js-strict-dist-min"));
	const own = { autosize: true, paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { color: colours(parent).text } };
	const config = { responsive: true, displaylogo: false };
	await Plotly.newPlot(parent, { data, layout: { ...layout, ...own, width: undefined }, config, frames });
	return () => Plotly.purge(parent);
};
