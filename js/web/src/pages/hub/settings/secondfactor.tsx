/** The second factor: an authenticator app is enrolled with a QR code, confirmed with a code, and turned off. */

import { useId, useState } from "preact/hooks";
import { Badge } from "../../../parts/badge";
import { Banner } from "../../../parts/banner";
import { Button, CopyButton } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import type { Account } from "../../../services/hub/account";
import { confirmSecondFactor, endSecondFactor, type Enrolment, newRecoveryCodes, type SecondFactor, startSecondFactor } from "../../../services/hub/signin";
import { showToast } from "../../../services/hub/toasts";
import { ConfirmedForm } from "./confirmed";

interface Props {
	account: Account;
	factor: SecondFactor;
	changed: () => void;
}

export function SecondFactorCard({ account, factor, changed }: Props) {
	const [enrolment, setEnrolment] = useState<Enrolment>();
	const [codes, setCodes] = useState<string[]>();
	const onCodes = (found: string[]) => {
		setCodes(found);
		setEnrolment(undefined);
		changed();
	};
	const end = async (password: string) => {
		await endSecondFactor(password);
		setCodes(undefined);
		showToast("The second factor is off", "Your password alone signs you in.");
		changed();
	};
	return (
		<Card title={<>Second factor {factor.on && <Badge tone="good">On</Badge>}</>}>
			{codes && <RecoveryCodes codes={codes} />}
			{factor.on ? (
				<>
					<p>After the password, the hub asks for a code of your authenticator app. {factor.recoveryCodes} recovery codes are left.</p>
					<ConfirmedForm account={account} action="New recovery codes" send={async (password) => onCodes(await newRecoveryCodes(password))} />
					<details>
						<summary>Turn it off</summary>
						<ConfirmedForm account={account} action="Turn off" look="danger" send={end} />
					</details>
				</>
			) : enrolment ? (
				<Confirmation enrolment={enrolment} done={onCodes} />
			) : account.password ? (
				<>
					<p>With it, a password alone signs nobody in: an authenticator app on your phone shows a code as well.</p>
					<ConfirmedForm account={account} action="Set up" send={async (password) => setEnrolment(await startSecondFactor(password))} />
				</>
			) : (
				<p>It is asked for after a password, and you have none.</p>
			)}
		</Card>
	);
}

function Confirmation({ enrolment, done }: { enrolment: Enrolment; done: (codes: string[]) => void }) {
	const id = useId();
	const [code, setCode] = useState("");
	const [problem, setProblem] = useState<string>();
	const send = (event: Event) => {
		event.preventDefault();
		confirmSecondFactor(code).then(done, (error: Error) => setProblem(error.message));
	};
	return (
		<form class="fields" onSubmit={send}>
			<p>Scan this with your authenticator app, or type the secret there.</p>
			<img src={enrolment.picture} alt="QR code of the secret" width={220} height={220} />
			<div class="made">
				<code>{enrolment.secret}</code>
				<CopyButton text={enrolment.secret} />
			</div>
			<Field id={id} label="Code that the app shows now" problem={problem}>
				<input
					id={id}
					inputMode="numeric"
					autocomplete="one-time-code"
					aria-describedby={`${id}-problem`}
					value={code}
					onInput={(event) => setCode(event.currentTarget.value)}
				/>
			</Field>
			<div>
				<Button type="submit" look="primary" disabled={!code.trim()}>
					Turn on
				</Button>
			</div>
		</form>
	);
}

function RecoveryCodes({ codes }: { codes: string[] }) {
	return (
		<Banner tone="good" role="status" title="Recovery codes: keep them now, they are not shown again">
			<p>Each signs you in once, without the app.</p>
			<div class="made">
				<code>{codes.join("\n")}</code>
				<CopyButton text={codes.join("\n")} />
			</div>
		</Banner>
	);
}
