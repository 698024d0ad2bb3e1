/** The button that runs a call. The button that cancels it is another one, elsewhere. */

import { Play } from "lucide";
import { Icon } from "../parts/icon";
import type { Call } from "../services/call";

/**
 * While the call runs the button keeps its place and the focus, and does nothing. The second click of a double click
 * does nothing either, even when the first call has ended by then.
 */
export function RunButton({ call, label, run }: { call: Call; label: string; run?: () => void }) {
	return (
		<button
			type={run ? "button" : "submit"}
			class="run"
			data-tip="Ctrl+Enter"
			disabled={!call.ready.value}
			aria-disabled={call.busy.value || !call.ready.value}
			onClick={(event) => {
				if (event.detail > 1 || call.busy.value) event.preventDefault();
				else run?.();
			}}
		>
			<Icon of={Play} />
			{label}
		</button>
	);
}

/** Why the call cannot run yet. */
export function NotReady({ call }: { call: Call }) {
	const missing = call.missing.value;
	const drafts = call.drafts.value.map((field) => field.label);
	if (!missing.length && !drafts.length) return null;
	return (
		<small class="info" role="note">
			{missing.length > 0 && `Still needed: ${missing.join(", ")}`}
			{missing.length > 0 && drafts.length > 0 && ". "}
			{drafts.length > 0 && `Not valid yet: ${drafts.join(", ")}`}
		</small>
	);
}
