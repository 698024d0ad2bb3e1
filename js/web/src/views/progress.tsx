/** The state of a call: its place in the queue, its progress, the button that cancels it, why it failed. */

import { CircleAlert, CircleCheck, CircleSlash, type IconNode, LoaderCircle } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Banner } from "../parts/banner";
import { Icon } from "../parts/icon";
import type { Call, ProgressStep, Stage } from "../services/call";
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

/** What the call does, in a few words. */
export function statusOf(call: Call): string {
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

const ICONS: Partial<Record<Stage, IconNode>> = { done: CircleCheck, failed: CircleAlert, cancelled: CircleSlash };

/** `children`: what stands at the row's start. The row and the bar below it keep their places in every state. */
export function Progress({ call, children }: { call: Call; children?: ComponentChildren }) {
	const busy = call.busy.value;
	const status = useRef<HTMLSpanElement>(null);
	const text = statusOf(call);
	const icon = busy ? LoaderCircle : ICONS[call.stage.value];
	const [first, ...more] = busy ? call.steps.value : [];
	const cancel = () => {
		status.current?.focus(); // the button goes away: the focus stays near
		call.cancel();
	};
	return (
		<div class={`progress ${call.stage.value}`}>
			<div class="row">
				{children}
				<div class="state">
					{icon && <Icon of={icon} />}
					<span ref={status} role="status" tabIndex={-1}>
						{text}
					</span>
					{first && <StepText step={first} />}
					{text && <Clock call={call} />}
				</div>
				{busy && (
					<button type="button" class="small stop" onClick={cancel}>
						Cancel
					</button>
				)}
			</div>
			<progress
				class={busy ? "" : "idle"}
				max={1}
				value={busy ? (first?.share ?? undefined) : 1}
				aria-label={first?.label || "Progress"}
				aria-hidden={!busy}
			/>
			{more.map((step, index) => (
				<div class="more" key={index}>
					<StepText step={step} />
					<progress max={1} value={step.share ?? undefined} aria-label={step.label || "Progress"} />
				</div>
			))}
		</div>
	);
}

function StepText({ step }: { step: ProgressStep }) {
	return (
		<span class="step">
			<small>
				{step.label} {amountOf(step)}
			</small>
		</span>
	);
}

/** Why a call failed. */
export function Problem({ call }: { call: Call }) {
	const problem = call.problem.value;
	if (!problem) return null;
	return (
		<Banner tone="bad" title={problem.title} role="alert">
			<p dir="auto">{problem.text}</p>
		</Banner>
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
