/** What is known of an answer that has not begun: its place in the queue, or that the model thinks. */

import { LoaderCircle } from "lucide";
import { Icon } from "../../parts/icon";
import type { Call } from "../../services/call";
import { statusOf } from "../../views/progress";

export function Waiting({ call }: { call: Call }) {
	const [step] = call.steps.value;
	const quiet = !call.busy.value || (call.outputs.value !== undefined && !call.reconnecting.value);
	const text = call.stage.value === "cancelled" ? "Stopped" : quiet ? "" : statusOf(call);
	return (
		<p class={`waiting ${text ? "" : "quiet"}`}>
			{text && call.busy.value && <Icon of={LoaderCircle} />}
			<span role="status">{text}</span>
			{text && step && <small>{step.label}</small>}
		</p>
	);
}
