/** Figures of altair, which are Vega-Lite. Expressions are interpreted: the page's policy forbids eval. */

import { parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { colours, type Draw } from "./draw";

export const draw: Draw = async (parent, figure, label) => {
	const { text, line } = colours(parent);
	const written = { labelColor: text, titleColor: text };
	const config = {
		background: "transparent",
		axis: { ...written, domainColor: line, gridColor: line, tickColor: line },
		header: written,
		legend: written,
		title: { color: text, subtitleColor: text },
		view: { stroke: line },
	};
	const { spec } = compile(figure as TopLevelSpec, { config });
	const view = new View(parse(spec, undefined, { ast: true }), { container: parent, expr: expressionInterpreter, renderer: "svg", hover: true });
	await view.description(label).runAsync();
	return () => view.finalize();
};
