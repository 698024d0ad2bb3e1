/** "Run it here": calls the endpoint, and shows the request, each message and the answer. */

import type { Call } from "../../services/call";
import { toPlain } from "../../services/recorder";
import { InputField } from "../../views/field";
import { Progress } from "../../views/progress";
import { NotReady, RunButton } from "../../views/run";

const MESSAGES_SHOWN = 100;

export function TryIt({ call, standalone }: { call: Call; standalone: boolean }) {
	const data = Object.values(toPlain(call.given) as object).map((value) => value ?? null);
	const messages = call.messages.value;
	return (
		<details class="try">
			<summary>Run it here</summary>
			{standalone && call.endpoint.inputs.map((field) => <InputField key={field.name} call={call} field={field} />)}
			<h3>Request</h3>
			<pre tabIndex={0}>
				<code>{`POST call/${call.endpoint.name}\ncontent-type: application/json\n\n${JSON.stringify({ data }, null, 2)}`}</code>
			</pre>
			<div class="row actions">
				<RunButton call={call} label="Run" run={() => void call.run()} />
				<NotReady call={call} />
			</div>
			<Progress call={call} />
			{messages.length > 0 && (
				<>
					<h3>Messages</h3>
					<ol class="messages" tabIndex={0}>
						{messages.slice(-MESSAGES_SHOWN).map((one, index) => (
							<li key={index}>
								<time>{one.at_ms.toFixed(0)} ms</time>
								<code>{JSON.stringify(one.message)}</code>
							</li>
						))}
					</ol>
				</>
			)}
			{call.stage.value === "done" && (
				<>
					<h3>Answer</h3>
					<pre tabIndex={0}>
						<code>{JSON.stringify(call.outputs.value, null, 2)}</code>
					</pre>
				</>
			)}
		</details>
	);
}
