/** A form of an action that asks for the account's password, where it has one. */

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Button, type ButtonLook } from "../../../parts/button";
import { Field } from "../../../parts/field";
import type { Account } from "../../../services/hub/account";

interface Props {
	account: Account;
	/** What the button says. */
	action: string;
	look?: ButtonLook;
	/** Whether the other fields are filled in. */
	ready?: boolean;
	/** Rejects with what is wrong. */
	send: (password: string) => Promise<unknown>;
	/** Other fields. */
	children?: ComponentChildren;
}

export function ConfirmedForm({ account, action, look = "default", ready = true, send, children }: Props) {
	const id = useId();
	const [password, setPassword] = useState("");
	const [problem, setProblem] = useState<string>();
	const [busy, setBusy] = useState(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		try {
			await send(password);
			setPassword("");
			setProblem(undefined);
		} catch (error) {
			setProblem((error as Error).message);
		} finally {
			setBusy(false);
		}
	};
	return (
		<form class="fields" onSubmit={submit}>
			<input hidden name="username" autocomplete="username" value={account.name} readOnly />
			{children}
			<Field id={id} label={account.password ? "Current password" : undefined} problem={problem}>
				<input
					id={id}
					type="password"
					hidden={!account.password}
					autocomplete="current-password"
					aria-describedby={`${id}-problem`}
					value={password}
					onInput={(event) => setPassword(event.currentTarget.value)}
				/>
			</Field>
			<div>
				<Button type="submit" look={look} disabled={busy || !ready || (account.password && !password)}>
					{action}
				</Button>
			</div>
		</form>
	);
}
