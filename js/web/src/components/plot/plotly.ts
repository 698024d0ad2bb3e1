/** Figures of plotly. Bars, lines, points and pies need its small bundle, others the whole one for strict policies. */

import { colours, type Draw } from "./draw";

/** The id of the style sheet to which plotly adds its rules. Without one it adds a style element, which the policy forbids. */
const SHEET = "plotly.js-style-global";
/** plotly's maps add a style element when they load, unless an element has this id (plotly 4.1.1). */
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
