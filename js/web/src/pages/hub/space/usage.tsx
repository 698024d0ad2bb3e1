/** How a Space is used: its calls, how they ended, how long they waited and ran. */

import { ChartColumn } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Card } from "../../../parts/card";
import { Empty } from "../../../parts/empty";
import { Segmented } from "../../../parts/segmented";
import { Skeleton } from "../../../parts/skeleton";
import type { SpaceSummary } from "../../../services/hub/spaces";
import { getUsage, type EndpointUsage, type SpaceUsage, type UsageHour } from "../../../services/hub/usage";
import { shownTheme, theme } from "../../../services/theme";
import { countText, durationText } from "../../../views/time";
import { Problem } from "../../../views/loaded";
import type { PlotData, PlotSeries } from "./plot";

const POLL_INTERVAL_MS = 15_000;
const HOUR_MS = 3_600_000;
const RANGES = [
	["24", "24 hours"],
	["168", "7 days"],
] as const;

function useUsage(id: string): [SpaceUsage | undefined, string] {
	const [usage, setUsage] = useState<SpaceUsage>();
	const [problem, setProblem] = useState("");
	useEffect(() => {
		const ask = () =>
			getUsage(id).then(
				(found) => {
					setUsage(found);
					setProblem("");
				},
				(error: Error) => setProblem(error.message),
			);
		void ask();
		const timer = setInterval(() => document.hidden || void ask(), POLL_INTERVAL_MS);
		return () => clearInterval(timer);
	}, [id]);
	return [usage, problem];
}

/** Each of the last hours, also those without a call. */
function everyHour(known: UsageHour[], count: number): (UsageHour | undefined)[] {
	const newest = Math.floor(Date.now() / HOUR_MS);
	const found = new Map(known.map((hour) => [Math.round(Date.parse(hour.at) / HOUR_MS), hour]));
	return Array.from({ length: count }, (_, index) => found.get(newest - count + 1 + index));
}

export function UsageTab({ space }: { space: SpaceSummary }) {
	const [usage, problem] = useUsage(space.id);
	const [chosen, setRange] = useState<"24" | "168">();
	if (problem) return <Problem title="The usage cannot be shown" text={problem} />;
	if (!usage) return <Skeleton lines={3} height_px={96} />;
	if (!usage.hours.length && !usage.queued && !usage.running) {
		return <Empty icon={ChartColumn} title="No calls in seven days" text="Calls are counted here from the first one on. Clicks on a Gradio app's own page are not." />;
	}
	const older = usage.hours.some((hour) => Date.now() - Date.parse(hour.at) > 24 * HOUR_MS);
	const range = chosen ?? (older ? "168" : "24");
	const hours = everyHour(usage.hours, Number(range));
	const first = Math.floor(Date.now() / HOUR_MS) - hours.length + 1;
	const at = hours.map((_, index) => (first + index) * (HOUR_MS / 1000));
	const sum = (key: "accepted" | "succeeded" | "failed" | "cancelled") => hours.reduce((total, hour) => total + (hour?.[key] ?? 0), 0);
	const ended = sum("succeeded") + sum("failed");
	const series = (label: string, key: keyof Omit<UsageHour, "at">, colour: string, none: number | null): PlotSeries => ({
		label,
		colour,
		values: hours.map((hour) => hour?.[key] ?? none),
	});
	return (
		<div class="usage">
			<div class="filters" role="group" aria-label="Usage">
				<Segmented label="Time" options={RANGES} value={range} change={setRange} />
			</div>
			<dl class="figures">
				<Figure name="Calls">{countText(sum("accepted"))}</Figure>
				<Figure name="Success">{ended ? `${Number(((100 * sum("succeeded")) / ended).toFixed(1))} %` : "–"}</Figure>
				<Figure name="Failed">{countText(sum("failed"))}</Figure>
				<Figure name="Waiting now">{countText(usage.queued)}</Figure>
				<Figure name="Running now">{countText(usage.running)}</Figure>
			</dl>
			<Plot
				title="Calls"
				data={{
					at,
					kind: "bars",
					format: countText,
					series: [
						series("Succeeded", "succeeded", "--green-9", 0),
						series("Failed", "failed", "--red-9", 0),
						series("Cancelled", "cancelled", "--gray-8", 0),
					],
				}}
			/>
			<div class="pair">
				<Plot
					title="Time a call runs"
					data={{
						at,
						kind: "lines",
						format: durationText,
						series: [series("Median", "run_p50_s", "--indigo-9", null), series("95th percentile", "run_p95_s", "--amber-9", null)],
					}}
				/>
				<Plot
					title="Time a call waits"
					data={{
						at,
						kind: "lines",
						format: durationText,
						series: [series("Median", "wait_p50_s", "--indigo-9", null), series("95th percentile", "wait_p95_s", "--amber-9", null)],
					}}
				/>
			</div>
			{usage.endpoints.length > 0 && <Endpoints endpoints={usage.endpoints} />}
		</div>
	);
}

function Figure({ name, children }: { name: string; children: ComponentChildren }) {
	return (
		<div class="card">
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}

/** What a plot says as a text, for those who do not see it. */
function summaryOf(data: PlotData): string {
	return data.series
		.map(({ label, values }) => {
			const known = values.filter((value): value is number => value !== null);
			return known.length ? `${label}: at most ${data.format(Math.max(...known))}` : `${label}: none`;
		})
		.join(". ");
}

function Plot({ title, data }: { title: string; data: PlotData }) {
	const element = useRef<HTMLDivElement>(null);
	const key = JSON.stringify([data.at[0], data.series.map((one) => one.values)]);
	useEffect(() => {
		let outdated = false;
		let remove = () => {};
		void import("./plot").then(({ drawPlot }) => {
			if (!outdated && element.current) remove = drawPlot(element.current, data);
		});
		return () => {
			outdated = true;
			remove();
		};
	}, [key, theme.value, shownTheme()]);
	return (
		<Card
			title={title}
			actions={data.series.map(({ label, colour }) => (
				<span key={label} class="legend" style={{ "--colour": `var(${colour})` }}>
					{label}
				</span>
			))}
		>
			<div ref={element} class="plot" role="img" aria-label={`${title}. ${summaryOf(data)}`} />
		</Card>
	);
}

function Endpoints({ endpoints }: { endpoints: EndpointUsage[] }) {
	const time = (seconds: number | null) => (seconds === null ? "–" : durationText(seconds));
	return (
		<section>
			<h2 id="endpoints">Endpoints, since the hub started</h2>
			<div class="sheet" tabIndex={0} role="region" aria-labelledby="endpoints">
				<table>
					<thead>
						<tr>
							<th scope="col">Endpoint</th>
							{["Calls", "Failed", "Waits (p95)", "Runs (p50)", "Runs (p95)"].map((name) => (
								<th key={name} scope="col" class="number">
									{name}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{endpoints.map((one) => (
							<tr key={one.endpoint}>
								<td>
									<code>/{one.endpoint}</code>
								</td>
								<td class="number">{countText(one.accepted)}</td>
								<td class="number">{countText(one.failed)}</td>
								<td class="number">{time(one.wait_p95_s)}</td>
								<td class="number">{time(one.run_p50_s)}</td>
								<td class="number">{time(one.run_p95_s)}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</section>
	);
}
