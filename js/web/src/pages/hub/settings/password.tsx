/** Sets a new password. The hub says which are too weak, and why. */

import { useId, useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import { type Account, changePassword } from "../../../services/hub/account";
import { HubError } from "../../../services/hub/http";
import { showToast } from "../../../services/hub/toasts";

export function PasswordCard({ account, changed }: { account: Account; changed: () => void }) {
	const id = useId();
	const [current, setCurrent] = useState("");
	const [own, setOwn] = useState("");
	const [problem, setProblem] = useState<{ of: "current" | "own"; text: string }>();
	const [busy, setBusy] = useState(false);
	const send = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		try {
			await changePassword(current, own);
			setCurrent("");
			setOwn("");
			setProblem(undefined);
			showToast("The password is changed", "Your other browsers are signed out.");
			changed();
		} catch (error) {
			const wrong = error instanceof HubError && (error.status === 401 || error.status === 429);
			setProblem({ of: wrong && account.password ? "current" : "own", text: (error as Error).message });
		} finally {
			setBusy(false);
		}
	};
	return (
		<Card title="Password">
			<form class="fields" onSubmit={send}>
				{/* So that a browser knows whose password it keeps. */}
				<input hidden name="username" autocomplete="username" value={account.name} readOnly />
				{account.password && (
					<Field id={`${id}-current`} label="Current password" problem={problem?.of === "current" ? problem.text : undefined}>
						<input
							id={`${id}-current`}
							type="password"
							autocomplete="current-password"
							aria-describedby={`${id}-current-problem`}
							value={current}
							onInput={(event) => setCurrent(event.currentTarget.value)}
						/>
					</Field>
				)}
				<Field
					id={id}
					label="New password"
					info="At least 8 characters; a phrase of several words is strong. Your other browsers are signed out."
					problem={problem?.of === "own" ? problem.text : undefined}
				>
					<input
						id={id}
						type="password"
						autocomplete="new-password"
						aria-describedby={`${id}-problem`}
						value={own}
						onInput={(event) => setOwn(event.currentTarget.value)}
					/>
				</Field>
				<div>
					<Button type="submit" disabled={busy || !own || (account.password && !current)}>
						{account.password ? "Change password" : "Set password"}
					</Button>
				</div>
			</form>
		</Card>
	);
}
