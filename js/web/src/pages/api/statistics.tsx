/** How often an endpoint was called since the server started, and how long its calls ran. */

import type { EndpointUsage } from "../../services/usage";

function secondsText(seconds: number | null): string {
	if (seconds === null) return "–";
	if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
	return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

export function Statistics({ usage }: { usage: EndpointUsage }) {
	const ended = usage.succeeded + usage.failed;
	if (!usage.calls) return null;
	const entries: [string, string][] = [
		["Calls", usage.calls.toLocaleString("en")],
		["Success", ended ? `${Math.floor((usage.succeeded / ended) * 100)} %` : "–"],
		["p50", secondsText(usage.run_p50_s)],
		["p95", secondsText(usage.run_p95_s)],
	];
	return (
		<dl class="statistics" aria-label="Since the server started">
			{entries.map(([name, value]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}
