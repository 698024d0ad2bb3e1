/** Gives an account or an organization another name. Its old addresses lead to the new ones. */

import { useId, useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import { showToast } from "../../../services/hub/toasts";

interface Props {
	name: string;
	/** Whether it asks for the visitor's password, too. */
	password: boolean;
	rename: (name: string, password: string) => Promise<unknown>;
	/** Called with the new name. */
	renamed: (name: string) => void;
}

export function RenameCard({ name, password, rename, renamed }: Props) {
	const id = useId();
	const [typed, setTyped] = useState(name);
	const [secret, setSecret] = useState("");
	const [problem, setProblem] = useState<string>();
	const [busy, setBusy] = useState(false);
	const send = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		try {
			await rename(typed, secret);
			setSecret("");
			setProblem(undefined);
			showToast("Renamed", typed);
			renamed(typed);
		} catch (error) {
			setProblem((error as Error).message);
		} finally {
			setBusy(false);
		}
	};
	return (
		<Card title="Rename">
			<form class="fields" onSubmit={send}>
				<Field
					id={id}
					label="New name"
					info="Spaces that run start again. The old addresses lead to the new ones, and nobody else can have the old name for 90 days."
					problem={problem}
				>
					<input id={id} autocomplete="off" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
				</Field>
				{password && (
					<Field id={`${id}-password`} label="Your password">
						<input
							id={`${id}-password`}
							type="password"
							autocomplete="current-password"
							value={secret}
							onInput={(event) => setSecret(event.currentTarget.value)}
						/>
					</Field>
				)}
				<div>
					<Button type="submit" disabled={busy || typed === "" || typed === name || (password && secret === "")}>
						Rename
					</Button>
				</div>
			</form>
		</Card>
	);
}
