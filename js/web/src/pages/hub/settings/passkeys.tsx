/** The account's passkeys: made by the browser, renamed, deleted. */

import { Fingerprint, Pencil, Trash2 } from "lucide";
import { useId, useState } from "preact/hooks";
import { IconButton } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import { Icon } from "../../../parts/icon";
import type { Account } from "../../../services/hub/account";
import { addPasskey, deletePasskey, hasPasskeys, type Passkey, renamePasskey } from "../../../services/hub/signin";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { dateText } from "../../../views/time";
import { ConfirmedForm } from "./confirmed";

interface Props {
	account: Account;
	passkeys: Passkey[];
	changed: () => void;
}

export function PasskeysCard({ account, passkeys, changed }: Props) {
	const id = useId();
	const [name, setName] = useState("");
	const add = async (password: string) => {
		await addPasskey(name.trim(), password);
		setName("");
		showToast("The passkey is made", "It signs you in here from now on.");
		changed();
	};
	return (
		<Card title="Passkeys">
			<p>A passkey signs you in with a finger, a face or a PIN of your device: without a name, a password or a code.</p>
			{passkeys.length > 0 && (
				<ul class="entries" aria-label="Passkeys">
					{passkeys.map((one) => (
						<Entry key={one.id} passkey={one} changed={changed} />
					))}
				</ul>
			)}
			{hasPasskeys() ? (
				<ConfirmedForm account={account} action="Add a passkey" ready={name.trim() !== ""} send={add}>
					<Field id={id} label="Name" info="The device, or what keeps the passkey.">
						<input id={id} autocomplete="off" maxLength={60} placeholder="Laptop" value={name} onInput={(event) => setName(event.currentTarget.value)} />
					</Field>
				</ConfirmedForm>
			) : (
				<p>This browser cannot make passkeys here.</p>
			)}
		</Card>
	);
}

function Entry({ passkey, changed }: { passkey: Passkey; changed: () => void }) {
	const [name, setName] = useState<string>();
	const rename = (event: Event) => {
		event.preventDefault();
		void renamePasskey(passkey.id, name ?? "").then(() => {
			setName(undefined);
			changed();
		}, showFailure);
	};
	const remove = () =>
		void deletePasskey(passkey.id).then(() => {
			showToast("Deleted", passkey.name);
			changed();
		}, showFailure);
	return (
		<li>
			<Icon of={Fingerprint} size={20} />
			<div>
				{name === undefined ? (
					<strong>{passkey.name}</strong>
				) : (
					<form onSubmit={rename}>
						<input aria-label={`New name of ${passkey.name}`} autofocus maxLength={60} value={name} onInput={(event) => setName(event.currentTarget.value)} />
					</form>
				)}
				<small>
					Made {dateText(passkey.createdAt * 1000)} · {passkey.usedAt === null ? "never used" : `last used ${dateText(passkey.usedAt * 1000)}`}
				</small>
			</div>
			<IconButton icon={Pencil} label={`Rename ${passkey.name}`} onClick={() => setName(name === undefined ? passkey.name : undefined)} />
			<IconButton icon={Trash2} label={`Delete ${passkey.name}`} onClick={remove} />
		</li>
	);
}
