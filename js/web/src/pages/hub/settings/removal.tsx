/** Deletes an account or an organization: says what goes with it, and asks for its name. */

import { Trash2 } from "lucide";
import { useId, useState } from "preact/hooks";
import { Button, IconButton } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Dialog } from "../../../parts/dialog";
import { Field } from "../../../parts/field";
import { type Account, deleteAccount, OWN_ACCOUNT, whatGoesWith } from "../../../services/hub/account";
import { hubRoot } from "../../../services/hub/http";
import { showFailure } from "../../../services/hub/toasts";

interface Props {
	name: string;
	/** The path of the API. */
	path: string;
	/** Whether it asks for the visitor's password, too. */
	password: boolean;
	/** Called once it is gone. */
	gone: () => void;
	/** An icon alone. */
	compact?: boolean;
}

export function RemovalButton({ name, path, password, gone, compact = false }: Props) {
	const id = useId();
	const [about, setAbout] = useState<string>();
	const [typed, setTyped] = useState("");
	const [secret, setSecret] = useState("");
	const [problem, setProblem] = useState<string>();
	const close = () => {
		setAbout(undefined);
		setTyped("");
		setSecret("");
		setProblem(undefined);
	};
	const ask = () => void whatGoesWith(path).then(setAbout, showFailure);
	const ready = typed === name && (!password || secret !== "");
	const remove = (event: Event) => {
		event.preventDefault();
		if (ready)
			deleteAccount(path, name, secret).then(
				() => {
					close();
					gone();
				},
				(error: Error) => setProblem(error.message),
			);
	};
	return (
		<>
			{compact ? (
				<IconButton label={`Delete ${name}`} icon={Trash2} onClick={ask} />
			) : (
				<Button look="danger" icon={Trash2} onClick={ask}>
					Delete
				</Button>
			)}
			<Dialog
				title={`Delete ${name}`}
				open={about !== undefined}
				close={close}
				footer={
					<>
						<Button onClick={close}>Keep it</Button>
						<Button look="danger" disabled={!ready} onClick={remove}>
							Delete for good
						</Button>
					</>
				}
			>
				<p>{about} Nobody can have the name for 90 days.</p>
				<form class="fields" onSubmit={remove}>
					<Field id={id} label={`Type ${name} to delete it`} problem={password ? undefined : problem}>
						<input id={id} autofocus autocomplete="off" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
					</Field>
					{password && (
						<Field id={`${id}-password`} label="Your password" problem={problem}>
							<input
								id={`${id}-password`}
								type="password"
								autocomplete="current-password"
								value={secret}
								onInput={(event) => setSecret(event.currentTarget.value)}
							/>
						</Field>
					)}
					<button type="submit" hidden disabled={!ready} />
				</form>
			</Dialog>
		</>
	);
}

export function AccountRemoval({ account }: { account: Account }) {
	return (
		<Card title="Delete this account">
			<p>Your Spaces, their files and your tokens go with it, for good.</p>
			<div>
				<RemovalButton name={account.name} path={OWN_ACCOUNT} password={account.password} gone={() => location.assign(hubRoot)} />
			</div>
		</Card>
	);
}
