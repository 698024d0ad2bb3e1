/** How often an endpoint was called since the server started, and how long its calls ran. */

import type { EndpointUsage } from "../../services/usage";

const NONE = "–";

function secondsText(seconds: number | null): string {
	if (seconds === null) return NONE;
	if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
	return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** The numbers come after the page: they have their place before. */
export function Statistics({ usage }: { usage: EndpointUsage | undefined }) {
	const ended = usage ? usage.succeeded + usage.failed : 0;
	const entries: [string, string][] = [
		["Calls", usage?.calls.toLocaleString("en") ?? NONE],
		["Success", usage && ended ? `${Math.floor((usage.succeeded / ended) * 100)} %` : NONE],
		["p50", secondsText(usage?.run_p50_s ?? null)],
		["p95", secondsText(usage?.run_p95_s ?? null)],
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
