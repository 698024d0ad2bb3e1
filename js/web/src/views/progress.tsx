/** The state of a call: its place in the queue, its progress, the button that cancels it, why it failed. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Call, ProgressStep } from "../services/call";
import { Toasts } from "../parts/toast";
import { sizeText } from "./file";
import "./progress.css";

const CLOCK_MS = 100;

function useNow(on: boolean): number {
	const [now, setNow] = useState(Date.now());
	useEffect(() => {
		if (!on) return;
		const timer = setInterval(() => setNow(Date.now()), CLOCK_MS);
		return () => clearInterval(timer);
	}, [on]);
	return now;
}

function statusOf(call: Call): string {
	const position = call.position.value ?? 0;
	if (call.reconnecting.value) return call.job.value === undefined ? "Reconnecting…" : "Reconnecting: your call goes on";
	switch (call.stage.value) {
		case "sending":
			return "Sending…";
		case "waiting":
			return position === 0 ? "Next in the queue" : `${position} ahead in the queue`;
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

/** How far a step is: bytes as per cent, other units as a count. */
function amountOf({ done, of, share, unit }: ProgressStep): string {
	if (done === null || of === null) return "";
	if (unit === "bytes") return `${Math.floor((share ?? 0) * 100)} % of ${sizeText(of)}`;
	return `${done} of ${of}`;
}

export function Progress({ call }: { call: Call }) {
	const busy = call.busy.value;
	const status = useRef<HTMLSpanElement>(null);
	const text = statusOf(call);
	const cancel = () => {
		status.current?.focus(); // the button goes away: the focus stays near
		call.cancel();
	};
	return (
		<div class={`progress ${call.stage.value}`}>
			<div class="row">
				<span ref={status} role="status" tabIndex={-1}>
					{text}
				</span>
				{text && <Clock call={call} />}
				{busy && (
					<button type="button" class="small stop" onClick={cancel}>
						Cancel
					</button>
				)}
			</div>
			{busy &&
				call.steps.value.map((step, index) => (
					<div class="step" key={index}>
						<small>
							{step.label} {amountOf(step)}
						</small>
						<progress max={1} value={step.share ?? undefined} aria-label={step.label || "Progress"} />
					</div>
				))}
			{busy && !call.steps.value.length && <progress aria-label="Progress" />}
			{call.problem.value && (
				<div class="problem" role="alert">
					<strong>{call.problem.value.title}</strong>
					<p dir="auto">{call.problem.value.text}</p>
				</div>
			)}
		</div>
	);
}

/** A component of its own: it is drawn anew ten times a second. */
function Clock({ call }: { call: Call }) {
	const busy = call.busy.value;
	const now = useNow(busy);
	const seconds = busy ? Math.max(0, now - call.started_at.value) / 1000 : call.took_s.value;
	const eta = call.eta_s.value;
	if (seconds === undefined) return null;
	return (
		<small class="clock">
			{seconds.toFixed(1)} s{busy && eta !== undefined && eta > 0.1 ? ` of about ${eta.toFixed(1)} s` : ""}
		</small>
	);
}

export function Notices({ call }: { call: Call }) {
	return <Toasts items={call.notices.value} dismiss={(id) => call.dismiss(id)} />;
}
