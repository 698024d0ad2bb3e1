/** The hub's pages: the directory of its Spaces, and each Space in a frame. */

import { hubRoot } from "../../services/hub/http";
import { token, tokenProblem } from "../../services/token";
import { ThemeButton } from "../../views/themebutton";
import { DirectoryPage } from "./directory";
import { SpacePage } from "./space";
import "./style.css";

export function HubPage() {
	const id = /spaces\/([^/]+\/[^/]+)\/?$/.exec(location.pathname)?.[1];
	return (
		<div class="page">
			<header>
				<h1>
					<a href={hubRoot}>Spaces</a>
				</h1>
				<div class="row">
					<label class="row token-field">
						<small>Token</small>
						<input
							type="password"
							autocomplete="off"
							placeholder="hf_…"
							value={token.value}
							onChange={(event) => {
								token.value = event.currentTarget.value.trim();
							}}
						/>
					</label>
					<ThemeButton />
				</div>
			</header>
			{tokenProblem.value && (
				<p class="problem" role="alert">
					{tokenProblem.value}
				</p>
			)}
			<main>{id ? <SpacePage id={decodeURIComponent(id)} /> : <DirectoryPage />}</main>
			<footer>
				<small>A token shows your private Spaces and their logs. It is kept until the tab is closed.</small>
				<small>Made with Spaceport</small>
			</footer>
		</div>
	);
}
