/** "Run it here": calls the endpoint, and shows the request, the outputs, each message and the answer. */

import { Play } from "lucide";
import { useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { CodeBlock } from "../../parts/codeblock";
import { Drawer } from "../../parts/dialog";
import type { Call } from "../../services/call";
import { toPlain } from "../../services/recorder";
import { InputField } from "../../views/field";
import { Messages } from "../../views/messages";
import { JsonText, OutputList } from "../../views/outputs";
import { Problem, Progress } from "../../views/progress";
import { NotReady, RunButton } from "../../views/run";
import { shorten } from "../../services/shorten";

export function TryIt({ call }: { call: Call }) {
	const [open, setOpen] = useState<boolean>();
	return (
		<>
			<div>
				<Button icon={Play} onClick={() => setOpen(true)}>
					Run it here
				</Button>
			</div>
			{open !== undefined && (
				<Drawer title={`/${call.endpoint.name}`} open={open} close={() => setOpen(false)}>
					{open && <Trial call={call} />}
				</Drawer>
			)}
		</>
	);
}

function Trial({ call }: { call: Call }) {
	const data = Object.values(toPlain(call.given) as object).map((value) => value ?? null);
	const request = `POST call/${call.endpoint.name}\ncontent-type: application/json\n\n${JSON.stringify({ data }, null, 2)}`;
	return (
		<>
			{call.endpoint.inputs.map((field) => (
				<InputField key={field.name} call={call} field={field} />
			))}
			<div class="row actions">
				<RunButton call={call} label="Run" run={() => void call.run()} />
				<NotReady call={call} />
			</div>
			<Progress call={call} />
			<Problem call={call} />
			{call.outputs.value !== undefined && <OutputList call={call} />}
			<h3>Request</h3>
			<CodeBlock language="http" wrap code={shorten(request)} copy={request} />
			{call.messages.value.length > 0 && (
				<>
					<h3>Messages</h3>
					<Messages call={call} />
				</>
			)}
			{call.stage.value === "done" && (
				<>
					<h3>Answer</h3>
					<JsonText value={call.outputs.value} />
				</>
			)}
		</>
	);
}
