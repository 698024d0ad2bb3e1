/** All inputs of a call as one JSON object. Files and passwords stay as they are: they are not in it. */

import { useState } from "preact/hooks";
import { Field } from "../parts/field";
import type { Call } from "../services/call";
import { isOpen, toJson } from "../services/inputs";

/** Always as many: what stands below must not move when the text is laid out anew. */
const ROWS = 14;

export function JsonInputs({ call }: { call: Call }) {
	const open = call.endpoint.inputs.filter((field) => isOpen(field, call.value(field.name).value));
	const [typed, setTyped] = useState<{ text: string; problem: string }>();
	const text = typed?.text ?? JSON.stringify(Object.fromEntries(open.map(({ name }) => [name, toJson(call.value(name).value)])), null, 2);
	const take = (next: string) => {
		let found: unknown;
		try {
			found = JSON.parse(next);
		} catch (error) {
			setTyped({ text: next, problem: `This is not JSON yet: ${(error as Error).message}` });
			return;
		}
		if (typeof found !== "object" || found === null || Array.isArray(found)) {
			setTyped({ text: next, problem: "Write an object with a value for each input." });
			return;
		}
		const unknown = Object.keys(found).filter((name) => !open.some((field) => field.name === name));
		for (const field of open) if (field.name in found) call.value(field.name).value = (found as Record<string, unknown>)[field.name];
		setTyped({ text: next, problem: unknown.length ? `There is no such input: ${unknown.join(", ")}` : "" });
	};
	const refused = open.flatMap(({ name }) => call.faultsOf(name).map(({ path, why }) => `${[name, ...path].join(".")}: ${why}`));
	const problem = typed?.problem || refused.join("\n") || undefined;
	return (
		<Field id="json-inputs" label="Inputs as JSON" problem={problem}>
			<textarea
				id="json-inputs"
				class="mono"
				rows={ROWS}
				spellcheck={false}
				value={text}
				aria-invalid={problem !== undefined}
				aria-describedby={problem && "json-inputs-problem"}
				onInput={(event) => take(event.currentTarget.value)}
				onBlur={() => typed && !typed.problem && setTyped(undefined)}
			/>
		</Field>
	);
}
