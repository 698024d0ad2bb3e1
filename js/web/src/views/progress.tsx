/** How far a call is: its place in the queue, its progress, what it said, why it failed. */

import { useEffect, useState } from "preact/hooks";
import type { Call } from "../services/call";

function useNow(on: boolean): number {
	const [now, setNow] = useState(Date.now());
	useEffect(() => {
		if (!on) return;
		const timer = setInterval(() => setNow(Date.now()), 100);
		return () => clearInterval(timer);
	}, [on]);
	return now;
}

function saidOf(call: Call): string {
	const place = call.place.value ?? 0;
	switch (call.stage.value) {
		case "sending":
			return "Sending…";
		case "waiting":
			return place === 0 ? "Next in the queue" : `${place} before it in the queue`;
		case "running":
			return "Running";
		case "done":
			return "Done";
		case "cancelled":
			return "Cancelled";
		case "failed":
			return "Failed";
		default:
			return "";
	}
}

export function Progress({ call }: { call: Call }) {
	const busy = call.busy.value;
	const now = useNow(busy);
	const seconds = busy ? Math.max(0, now - call.begun_at.value) / 1000 : (call.took_s.value ?? 0);
	const eta = call.eta_s.value;
	const said = saidOf(call);
	return (
		<div class={`progress ${call.stage.value}`}>
			<p>
				<span role="status">{said}</span>
				{said && (
					<small>
						{seconds.toFixed(1)} s{busy && eta !== undefined && eta > 0.1 ? ` of about ${eta.toFixed(1)} s` : ""}
					</small>
				)}
			</p>
			{busy &&
				call.steps.value.map((one, place) => (
					<div class="step" key={place}>
						<small>
							{one.what} {one.done !== null && one.of !== null && `${one.done} of ${one.of}`}
						</small>
						<progress max={1} value={one.share ?? undefined} aria-label={one.what || "Progress"} />
					</div>
				))}
			{busy && !call.steps.value.length && <progress aria-label="Progress" />}
			{call.problem.value && (
				<div class="problem" role="alert">
					<strong>{call.problem.value.title}</strong>
					<p>{call.problem.value.text}</p>
				</div>
			)}
		</div>
	);
}

export function Toasts({ call }: { call: Call }) {
	return (
		<div class="toasts" aria-live="polite">
			{call.toasts.value.map((one) => (
				<div key={one.id} class={`toast ${one.level}`}>
					<strong>{one.title}</strong>
					<p>{one.text}</p>
					<button type="button" aria-label="Close" onClick={() => call.dismiss(one.id)}>
						×
					</button>
				</div>
			))}
		</div>
	);
}
