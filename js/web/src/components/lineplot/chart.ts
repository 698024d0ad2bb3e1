/** Draws charts with uPlot. It is loaded when a page has a chart. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Field } from "../kind";

export interface Series {
	columns: string[];
	data: unknown[][];
	datatypes?: Record<string, string>;
	mark?: string;
}

const COLOURS = ["#4f6df5", "#e0603a", "#2a9d6f", "#b052c9", "#c99700", "#3a9cc9", "#d0427a", "#6b7a90"];

/** Draws a table's `y` over its `x`, a series for each value of `color`; returns a function that removes it. */
export function draw(parent: HTMLElement, series: Series, field: Field, height: number): () => void {
	const column = (name: unknown, other: number) => {
		const found = series.columns.indexOf(String(name ?? ""));
		return found < 0 ? other : found;
	};
	const x = column(field.props.x, 0);
	const y = column(field.props.y, 1);
	const group = field.props.color == null ? -1 : series.columns.indexOf(String(field.props.color));
	const kind = series.mark ?? field.kind;
	const categories = series.data.some((row) => typeof row[x] === "string") ? [...new Set(series.data.map((row) => String(row[x])))] : undefined;
	const timed = series.datatypes?.[series.columns[x] ?? ""] === "temporal";
	const at = (row: unknown[]) => (categories ? categories.indexOf(String(row[x])) : Number(row[x]) / (timed ? 1000 : 1));
	const groups = group < 0 ? [""] : [...new Set(series.data.map((row) => String(row[group])))];
	const xs = [...new Set(series.data.map(at))].sort((a, b) => a - b);
	const ys = groups.map((name) => {
		const own = new Map(series.data.filter((row) => group < 0 || String(row[group]) === name).map((row) => [at(row), row[y] as number | null]));
		return xs.map((one) => own.get(one) ?? null);
	});
	const bars = /bar/.test(kind);
	const points = /point|scatter/.test(kind);
	const styled = getComputedStyle(parent);
	const lines = { stroke: styled.color, grid: { stroke: styled.borderTopColor, width: 1 }, ticks: { show: false } };
	const chart = new uPlot(
		{
			width: parent.clientWidth || 400,
			height,
			legend: { show: group >= 0 },
			scales: { x: { time: timed, ...(bars && { range: [Math.min(...xs) - 0.6, Math.max(...xs) + 0.6] as [number, number] }) } },
			axes: [
				{ ...lines, ...(categories && { values: (_, splits) => splits.map((one) => categories[one] ?? ""), splits: () => xs }) },
				lines,
			],
			series: [
				{ label: series.columns[x] ?? "x" },
				...groups.map((name, index) => {
					const colour = COLOURS[index % COLOURS.length] as string;
					return {
						label: name || (series.columns[y] ?? "y"),
						stroke: colour,
						width: points ? 0 : 2,
						...(bars && { fill: `${colour}99`, paths: uPlot.paths.bars?.({ size: [0.7] }) }),
						points: { show: points, size: 6, fill: colour },
						spanGaps: true,
					} as uPlot.Series;
				}),
			],
		},
		[xs, ...ys] as uPlot.AlignedData,
		parent,
	);
	const watcher = new ResizeObserver(() => chart.setSize({ width: parent.clientWidth, height }));
	watcher.observe(parent);
	return () => {
		watcher.disconnect();
		chart.destroy();
	};
}
