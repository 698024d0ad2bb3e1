/** One endpoint: its inputs, the button that runs it, its outputs. */

import { useState } from "preact/hooks";
import { shareAddress } from "../services/address";
import type { Call } from "../services/call";
import { Examples } from "../views/examples";
import { InputField, OutputField } from "../views/field";
import { Notices, Progress } from "../views/progress";
import { Rich } from "../views/rich";
import { NotReady, RunButton } from "../views/run";
import "./endpoint.css";

const MESSAGE_MS = 1500;
const LONG_MESSAGE_MS = 8000;

export function EndpointPage({ call }: { call: Call }) {
	const { endpoint } = call;
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
					{!endpoint.inputs.length && <p class="empty">This endpoint takes no inputs.</p>}
					<div class="row actions">
						<RunButton call={call} label="Run" />
						<button type="button" onClick={() => call.reset()}>
							Clear
						</button>
						<ShareLink call={call} />
					</div>
					<NotReady call={call} />
				</form>
				<div class="card outputs">
					<Progress call={call} />
					{endpoint.outputs.map((field, index) => (
						<OutputField key={`${field.id}-${index}`} call={call} field={field} index={index} />
					))}
				</div>
			</div>
			<Examples call={call} />
			<Notices call={call} />
		</>
	);
}

/** Copies an address that opens the page with these inputs, and says which inputs it leaves out. */
function ShareLink({ call }: { call: Call }) {
	const [message, setMessage] = useState("");
	const copy = async () => {
		const { address, omitted } = shareAddress(call);
		history.replaceState(null, "", address);
		const copied = await navigator.clipboard?.writeText(address).then(
			() => true,
			() => false,
		);
		const said = copied ? "Link copied" : "The link is in the address bar";
		setMessage(omitted.length ? `${said}, without ${omitted.join(", ")} (a file, a password, or too long)` : said);
		setTimeout(() => setMessage(""), omitted.length ? LONG_MESSAGE_MS : MESSAGE_MS);
	};
	return (
		<button type="button" class="small" onClick={copy} aria-live="polite">
			{message || "Link"}
		</button>
	);
}
