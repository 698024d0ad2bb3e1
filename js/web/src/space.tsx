/** The entry of a Space's page, which stands at the Space's own address. */

import "./style/index.css";
import "./parts/card.css";
import "./services/theme";
import { render } from "preact";
import { showTooltips } from "./parts/tooltip";
import { LoginPage } from "./pages/login";
import { ApiPage, openCalls, SpacePage } from "./pages/space";
import { needsLogin } from "./services/client";
import { reportHeight } from "./services/frame";
import { endpointInAddress, viewInAddress } from "./services/address";
import { openSpace, type SpaceView } from "./services/space";
import { beginningOf } from "./views/description";
import { keepFocus } from "./views/focus";
import { markLongWords } from "./views/longwords";
import { prepareRich } from "./views/rich";

const root = new URL(document.documentElement.dataset.root || "./", location.href);
root.search = root.hash = "";
const page = document.getElementById("page") as HTMLElement;

/** Sections of the API view that may be in its first screen. */
const SECTIONS = 3;

/** The texts of the view that the address names. */
async function prepareTexts(space: SpaceView): Promise<void> {
	const name = endpointInAddress();
	const { endpoints } = space;
	const at = Math.max(0, endpoints.findIndex((one) => one.name === name));
	const ownTexts = endpoints.slice(at, at + (viewInAddress() === "api" ? SECTIONS : 1)).map((one) => one.description);
	await Promise.all([space.description, ...ownTexts].map((text) => prepareRich(beginningOf(text))));
}

/** Lets the browser paint and answer what the visitor does between long pieces of work. */
const nextTask = () => new Promise((done) => setTimeout(done));

/** Takes over what the server has painted (first_paint.py), so that nothing moves or is painted twice. */
async function show(): Promise<void> {
	try {
		const part = viewInAddress() === "api" ? ApiPage.prepare() : undefined;
		const space = await openSpace(root.href);
		await Promise.all([prepareTexts(space), part]);
		await nextTask();
		const calls = openCalls(space);
		await nextTask();
		for (const one of page.querySelectorAll(".skeleton")) one.remove();
		render(<SpacePage space={space} calls={calls} />, page);
	} catch (error) {
		page.replaceChildren();
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
keepFocus();
markLongWords();
void show();
