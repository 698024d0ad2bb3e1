/** The entry of a Space's page, which stands at the Space's own address. */

import "./style/index.css";
import "./parts/card.css";
import "./services/theme";
import { render } from "preact";
import { showTooltips } from "./parts/tooltip";
import { LoginPage } from "./pages/login";
import { SpacePage } from "./pages/space";
import { needsLogin } from "./services/client";
import { reportHeight } from "./services/frame";
import { openSpace } from "./services/space";

const root = new URL(document.documentElement.dataset.root || "./", location.href);
root.search = root.hash = "";
const page = document.getElementById("page") as HTMLElement;

async function show(): Promise<void> {
	try {
		render(<SpacePage space={await openSpace(root.href)} />, page);
	} catch (error) {
		if (needsLogin(error)) {
			render(<LoginPage root={root.href} message={document.documentElement.dataset.login ?? ""} />, page);
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
			page,
		);
	}
}

showTooltips();
reportHeight();
void show();
