/** The entry of a Space's page: it stands at the Space's own address. */

import { AuthenticationError } from "spaceport-client";
import { render } from "preact";
import { Login } from "./pages/login";
import { SpacePage } from "./pages/space";
import { open } from "./services/space";
import "./services/theme";
import "./style.css";

const root = new URL(document.documentElement.dataset.root || "./", location.href);
root.search = root.hash = "";
const place = document.getElementById("page") as HTMLElement;

async function show(): Promise<void> {
	try {
		const space = await open(root.href);
		render(<SpacePage space={space} />, place);
	} catch (error) {
		if (error instanceof AuthenticationError) {
			render(<Login root={root.href} message={document.documentElement.dataset.login ?? ""} />, place);
			return;
		}
		render(
			<main class="alone">
				<div class="card problem" role="alert">
					<h1>The Space cannot be reached</h1>
					<p>{(error as Error).message}</p>
					<button type="button" class="run" onClick={() => location.reload()}>
						Try again
					</button>
				</div>
			</main>,
			place,
		);
	}
}

void show();
