/** Plots over the hours, drawn by uPlot. It is loaded when a page has one. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface PlotSeries {
	label: string;
	/** The name of a variable of the style sheet. */
	colour: string;
	values: (number | null)[];
}

export interface PlotData {
	/** Seconds since the epoch. */
	at: number[];
	series: PlotSeries[];
	/** Stacked bars, or lines. */
	kind: "bars" | "lines";
	format: (value: number) => string;
}

const HEIGHT_PX = 200;
const AXIS_PX = 62;

const CLOCK = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false });
const DAY = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });

/** Midnight is the beginning of a day. */
function timeText(at: number): string {
	const time = new Date(at * 1000);
	return time.getHours() || time.getMinutes() ? CLOCK.format(time) : DAY.format(time);
}

/** Each series of a stack begins where the one before ends; the last is drawn first. */
function stacked(series: PlotSeries[], length: number): (number | null)[][] {
	const sums = new Array<number>(length).fill(0);
	return series.map(({ values }) => values.map((value, index) => (sums[index] = (sums[index] ?? 0) + (value ?? 0))));
}

/** Returns a function that removes the plot. */
export function drawPlot(parent: HTMLElement, { at, series, kind, format }: PlotData): () => void {
	const styled = getComputedStyle(parent);
	const colour = (name: string) => styled.getPropertyValue(name).trim();
	const bars = kind === "bars";
	const heights = bars ? stacked(series, at.length) : series.map((one) => one.values);
	const order = bars ? series.map((_, index) => series.length - 1 - index) : series.map((_, index) => index);
	const font = `12px ${styled.fontFamily}`;
	const axis = { stroke: colour("--soft"), font, grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
	const chart = new uPlot(
		{
			width: parent.clientWidth || 400,
			height: HEIGHT_PX,
			padding: [12, 8, 0, 0],
			legend: { show: false },
			cursor: { y: false, points: { show: !bars } },
			scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
			axes: [
				{ ...axis, grid: { show: false }, values: (_, splits) => splits.map(timeText) },
				{ ...axis, size: AXIS_PX, values: (_, splits) => splits.map((value) => (bars && value % 1 ? "" : format(value))) },
			],
			series: [
				{},
				...order.map((index): uPlot.Series => {
					const own = colour(series[index]?.colour ?? "--accent-solid");
					const line: uPlot.Series = { stroke: own, width: bars ? 0 : 2, points: { show: !bars, size: 5, fill: own } };
					const paths = uPlot.paths.bars?.({ size: [0.8, 40], radius: 0.1 });
					return bars && paths ? { ...line, fill: own, paths } : line;
				}),
			],
		},
		[at, ...order.map((index) => heights[index] ?? [])] as uPlot.AlignedData,
		parent,
	);
	const watcher = new ResizeObserver(() => chart.setSize({ width: parent.clientWidth, height: HEIGHT_PX }));
	watcher.observe(parent);
	return () => {
		watcher.disconnect();
		chart.destroy();
	};
}
