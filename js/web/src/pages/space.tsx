/** A Space's page: the app, and how to use it as an API. */

import { signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Call } from "../services/call";
import { fromAddress } from "../services/link";
import type { SpaceView } from "../services/space";
import { turn } from "../services/theme";
import { Rich } from "../views/rich";
import { Tabs } from "../views/tabs";
import { ApiPage } from "./api";
import { ChatPage } from "./chat";
import { EndpointPage } from "./endpoint";
import { Recorder } from "./recorder";

type View = "app" | "api";

function asked(): View {
	return new URLSearchParams(location.search).get("view") === "api" ? "api" : "app";
}

const view = signal<View>(asked());

function go(to: View): void {
	const link = new URL(location.href);
	if (to === "api") link.searchParams.set("view", "api");
	else link.searchParams.delete("view");
	history.pushState(null, "", link);
	view.value = to;
	scrollTo(0, 0);
}

export function SpacePage({ space }: { space: SpaceView }) {
	const calls = useMemo(() => space.endpoints.map((endpoint) => new Call(space, endpoint)), [space]);
	const [chosen, setChosen] = useState(() => fromAddress(calls)?.endpoint.name ?? "");
	const call = calls.find((one) => one.endpoint.name === chosen);
	useEffect(() => {
		const back = () => {
			view.value = asked();
		};
		addEventListener("popstate", back);
		return () => removeEventListener("popstate", back);
	}, []);
	useEffect(() => {
		document.title = view.value === "api" ? `${space.title}: API` : space.title;
	}, [view.value]);
	return (
		<div class="page">
			<header>
				<h1>{space.title}</h1>
				<div class="row">
					<Recorder space={space} />
					<button type="button" class="small" onClick={turn} aria-label="Dark or light">
						◐
					</button>
					{space.user !== null && (
						<a class="small" href={`${space.root}logout`}>
							Log out {space.user}
						</a>
					)}
				</div>
			</header>
			<main>
				{view.value === "api" ? (
					<ApiPage space={space} calls={calls} />
				) : (
					<>
						{space.description && <Rich markdown={space.description} />}
						{calls.length > 1 && (
							<Tabs
								label="Endpoints"
								tabs={calls.map((one): [string, string] => [one.endpoint.name, one.endpoint.name.replace(/_/g, " ")])}
								chosen={chosen}
								choose={setChosen}
								panel="endpoint"
							/>
						)}
						{call ? (
							<div
								id="endpoint"
								{...(calls.length > 1 && { role: "tabpanel", "aria-labelledby": `endpoint-tab-${chosen}` })}
							>
								{space.chat ? <ChatPage key={chosen} call={call} /> : <EndpointPage key={chosen} call={call} />}
							</div>
						) : (
							<p class="nothing">This Space shows no endpoints.</p>
						)}
					</>
				)}
			</main>
			<footer>
				<button type="button" class="link" onClick={() => go(view.value === "api" ? "app" : "api")}>
					{view.value === "api" ? "← Back to the app" : "Use via API"}
				</button>
				<small>Made with Spaceport</small>
			</footer>
		</div>
	);
}
