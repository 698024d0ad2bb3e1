/** One endpoint: its inputs, the call, its outputs. */

import { useState } from "preact/hooks";
import type { Call } from "../services/call";
import { addressOf } from "../services/link";
import { Examples } from "../views/examples";
import { InputField, OutputField } from "../views/field";
import { Progress, Toasts } from "../views/progress";
import { Rich } from "../views/rich";

export function EndpointPage({ call }: { call: Call }) {
	const { endpoint } = call;
	const missing = call.missing.value;
	const [linked, setLinked] = useState(false);
	const link = async () => {
		const address = addressOf(call);
		history.replaceState(null, "", address);
		await navigator.clipboard?.writeText(address).catch(() => undefined);
		setLinked(true);
		setTimeout(() => setLinked(false), 1500);
	};
	return (
		<>
			{endpoint.description && <Rich markdown={endpoint.description} />}
			<div class="sides">
				<form
					class="card inputs"
					aria-label="Inputs"
					onSubmit={(event) => {
						event.preventDefault();
						void call.run();
					}}
				>
					{endpoint.inputs.map((field) => (
						<InputField key={field.name} call={call} field={field} />
					))}
					{!endpoint.inputs.length && <p class="nothing">It takes no inputs.</p>}
					<div class="row actions">
						{call.busy.value ? (
							<button type="button" class="stop" onClick={() => call.cancel()}>
								Cancel
							</button>
						) : (
							<button type="submit" class="run" disabled={missing.length > 0} title={missing.length ? `Still needed: ${missing.join(", ")}` : ""}>
								Run
							</button>
						)}
						<button type="button" onClick={() => call.reset()} disabled={call.busy.value}>
							Clear
						</button>
						<button type="button" class="small" onClick={link}>
							{linked ? "Link copied" : "Link"}
						</button>
					</div>
					{missing.length > 0 && <small class="info">Still needed: {missing.join(", ")}</small>}
				</form>
				<div class="card outputs">
					<Progress call={call} />
					{endpoint.outputs.map((field, place) => (
						<OutputField key={field.id + place * 1000} call={call} field={field} place={place} />
					))}
				</div>
			</div>
			<Examples call={call} />
			<Toasts call={call} />
		</>
	);
}
