/** The variables or the secrets of a Space: listed, added, replaced, removed. */

import { Plus, Trash2 } from "lucide";
import type { TargetedInputEvent } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { Button, IconButton } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import { Skeleton } from "../../../parts/skeleton";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { getVariables, removeVariable, setVariable, type VariableKind, type Variables } from "../../../services/hub/variables";

const TEXTS: Record<VariableKind, { title: string; info: string; value: string }> = {
	variables: { title: "Variables", info: "The app finds them in its environment. A change starts it afresh.", value: "Value" },
	secrets: { title: "Secrets", info: "As variables, but kept encrypted: a value is never shown again.", value: "Secret value" },
};

export function VariablesCard({ id, kind }: { id: string; kind: VariableKind }) {
	const own = useId();
	const [known, setKnown] = useState<Variables>();
	const [key, setKey] = useState("");
	const [value, setValue] = useState("");
	const [problem, setProblem] = useState<string>();
	const texts = TEXTS[kind];
	useEffect(() => {
		getVariables(id, kind).then(setKnown, (error: Error) => setProblem(error.message));
	}, [id, kind]);
	const add = (event: Event) => {
		event.preventDefault();
		setVariable(id, kind, key.trim(), value).then(
			(found) => {
				setKnown(found);
				setKey("");
				setValue("");
				setProblem(undefined);
				showToast("Saved", key.trim());
			},
			(error: Error) => setProblem(error.message),
		);
	};
	const field = { id: own, autocomplete: "off", value, onInput: (event: TargetedInputEvent<HTMLInputElement>) => setValue(event.currentTarget.value) };
	const remove = (name: string) =>
		removeVariable(id, kind, name).then((found) => {
			setKnown(found);
			showToast("Removed", name);
		}, showFailure);
	return (
		<Card title={texts.title}>
			<p>{texts.info}</p>
			{!known && !problem && <Skeleton lines={2} />}
			{known && Object.keys(known).length > 0 && (
				<ul class="variables" aria-label={texts.title}>
					{Object.entries(known).map(([name, one]) => (
						<li key={name}>
							<code>{name}</code>
							<code class="value">{one.value ?? "••••••••"}</code>
							<IconButton label={`Remove ${name}`} icon={Trash2} onClick={() => remove(name)} />
						</li>
					))}
				</ul>
			)}
			<form class="add" onSubmit={add}>
				<Field id={`${own}-key`} label="Name" problem={problem}>
					<input
						id={`${own}-key`}
						autocomplete="off"
						spellcheck={false}
						placeholder="API_KEY"
						value={key}
						onInput={(event) => setKey(event.currentTarget.value)}
					/>
				</Field>
				<Field id={own} label={texts.value}>
					{kind === "secrets" ? <input type="password" {...field} /> : <input {...field} />}
				</Field>
				<Button type="submit" icon={Plus} disabled={!key.trim()}>
					Set
				</Button>
			</form>
		</Card>
	);
}
