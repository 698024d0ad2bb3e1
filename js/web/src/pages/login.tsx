/** The login form of a Space with accounts. */

import { useState } from "preact/hooks";
import { logIn } from "../services/login";

export function LoginPage({ root, message }: { root: string; message: string }) {
	const [problem, setProblem] = useState("");
	const send = async (event: SubmitEvent) => {
		event.preventDefault();
		try {
			if (await logIn(root, new FormData(event.currentTarget as HTMLFormElement))) location.reload();
			else setProblem("The name or the password is wrong.");
		} catch {
			setProblem("The server cannot be reached. Try again in a moment.");
		}
	};
	return (
		<main class="alone">
			<form class="card inputs" onSubmit={send}>
				<h1>Log in</h1>
				{message && <p>{message}</p>}
				<label class="field">
					Name
					<input name="username" autocomplete="username" required />
				</label>
				<label class="field">
					Password
					<input name="password" type="password" autocomplete="current-password" required />
				</label>
				{problem && (
					<p class="wrong" role="alert">
						{problem}
					</p>
				)}
				<button type="submit" class="run">
					Log in
				</button>
			</form>
		</main>
	);
}
