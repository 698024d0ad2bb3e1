/** One endpoint: its inputs, the button that runs it, its outputs. */

import { RotateCcw } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../parts/button";
import { Segmented } from "../parts/segmented";
import type { Call } from "../services/call";
import { Examples } from "../views/examples";
import { InputField } from "../views/field";
import { JsonInputs } from "../views/jsoninputs";
import { Outputs } from "../views/outputs";
import { Notices } from "../views/progress";
import { Description } from "../views/description";
import { NotReady, RunButton } from "../views/run";
import "./endpoint.css";

const MODES = [
	["form", "Form"],
	["json", "JSON"],
] as const;

export function EndpointPage({ call }: { call: Call }) {
	const { endpoint } = call;
	return (
		<>
			{endpoint.description && <Description text={endpoint.description} />}
			<div class="sides">
				<Inputs call={call} />
				<Outputs call={call} />
			</div>
			<Examples call={call} />
			<Notices call={call} />
		</>
	);
}

function Inputs({ call }: { call: Call }) {
	const { inputs } = call.endpoint;
	const [mode, setMode] = useState<"form" | "json">("form");
	const form = useRef<HTMLFormElement>(null);
	useEffect(() => {
		const onKeyDown = (event: KeyboardEvent) => {
			if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
			if (document.querySelector("dialog[open]")) return;
			event.preventDefault();
			void call.run();
		};
		addEventListener("keydown", onKeyDown);
		return () => removeEventListener("keydown", onKeyDown);
	}, [call]);
	const refusals = call.refusals.value;
	const seen = useRef(refusals);
	useEffect(() => {
		if (refusals === seen.current) return;
		seen.current = refusals;
		form.current?.querySelector<HTMLElement>(":is(input, select, textarea)[aria-invalid='true']")?.focus();
	}, [refusals]);
	return (
		<form
			ref={form}
			class="card inputs"
			aria-label="Inputs"
			onSubmit={(event) => {
				event.preventDefault();
				void call.run();
			}}
		>
			{mode === "json" ? <JsonInputs call={call} /> : inputs.map((field) => <InputField key={field.name} call={call} field={field} />)}
			{!inputs.length && <p class="empty">This endpoint takes no inputs.</p>}
			<div class="foot">
				<div class="row actions">
					<RunButton call={call} label="Run" />
					<Button look="ghost" icon={RotateCcw} onClick={() => call.reset()}>
						Reset
					</Button>
					{inputs.length > 0 && <Segmented label="Inputs as" options={MODES} value={mode} change={setMode} />}
				</div>
				<NotReady call={call} />
			</div>
		</form>
	);
}
