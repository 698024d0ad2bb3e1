/** What the account has outside of the hub: the one at the provider of the single sign-on, and an address for mail. */

import { useId, useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import type { Account } from "../../../services/hub/account";
import { changeMailAddress, link, type MailAddress, removeMailAddress, type SingleSignOn, unlink } from "../../../services/hub/signin";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { dateText } from "../../../views/time";
import { ConfirmedForm } from "./confirmed";

export function SingleSignOnCard({ signOn, changed }: { signOn: SingleSignOn; changed: () => void }) {
	const [one] = signOn.linked;
	const end = () =>
		void unlink().then(() => {
			showToast("Unlinked", "That account signs you in here no more.");
			changed();
		}, showFailure);
	if (!signOn.provider && !one) return null;
	return (
		<Card title={signOn.provider ?? "Single sign-on"}>
			{one ? (
				<>
					<p>
						An account there signs you in here{one.email && `: ${one.email}`}, since {dateText(one.linkedAt * 1000)}.
					</p>
					<div>
						<Button onClick={end}>Unlink it</Button>
					</div>
				</>
			) : (
				<>
					<p>Link your account there, and it signs you in here.</p>
					<div>
						<Button onClick={() => void link().catch(showFailure)}>Link my account</Button>
					</div>
				</>
			)}
		</Card>
	);
}

interface MailProps {
	account: Account;
	address: MailAddress;
	changed: () => void;
}

export function MailCard({ account, address, changed }: MailProps) {
	const id = useId();
	const [email, setEmail] = useState("");
	const change = async (password: string) => {
		await changeMailAddress(email.trim(), password);
		setEmail("");
		showToast("Look into your mail", "The link there confirms the address, within ten minutes.");
	};
	const remove = async (password: string) => {
		await removeMailAddress(password);
		changed();
	};
	if (!address.mail) return null;
	return (
		<Card title="Address for mail">
			<p>{address.email ? `Links go to ${address.email}.` : "If you forget the password, a link to set a new one goes there."}</p>
			<ConfirmedForm account={account} action="Send a link to confirm it" ready={email.includes("@")} send={change}>
				<Field id={id} label={address.email ? "Another address" : "Address"}>
					<input id={id} type="email" autocomplete="email" value={email} onInput={(event) => setEmail(event.currentTarget.value)} />
				</Field>
			</ConfirmedForm>
			{address.email && (
				<details>
					<summary>Remove it</summary>
					<ConfirmedForm account={account} action="Remove the address" look="danger" send={remove} />
				</details>
			)}
		</Card>
	);
}
