/** A Space's page: the app, and how to use it as an API. */

import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { endpointInAddress, framed, pushAddress, readInputs, viewInAddress, type View } from "../services/address";
import { Call } from "../services/call";
import { wasReloaded } from "../services/navigation";
import type { SpaceView } from "../services/space";
import { Rich } from "../views/rich";
import { Tabs } from "../parts/tabs";
import { ThemeButton } from "../views/themebutton";
import { ApiPage } from "./api";
import { ChatPage } from "./chat";
import { EndpointPage } from "./endpoint";
import { Recorder } from "./recorder";

const view = signal<View>(viewInAddress());
const endpoint = signal(endpointInAddress());

/** The calls of all endpoints, with the inputs of the address or, after a reload, as they were. */
function openCalls(space: SpaceView): Call[] {
	const calls = space.endpoints.map((one) => new Call(space, one));
	const named = calls.find((call) => call.endpoint.name === endpoint.value) ?? calls[0];
	const given = named && readInputs(named);
	if (!space.chat) for (const call of calls) if (call !== named || !given || wasReloaded()) call.restore();
	return calls;
}

export function SpacePage({ space }: { space: SpaceView }) {
	const calls = useMemo(() => openCalls(space), [space]);
	const found = calls.find((one) => one.endpoint.name === endpoint.value);
	const call = found ?? calls[0];
	const chosen = call?.endpoint.name ?? "";
	const go = (to: View, name: string) => {
		pushAddress(to, name);
		if (to !== view.value) scrollTo(0, 0);
		view.value = to;
		endpoint.value = name;
	};
	useEffect(() => {
		const onPopState = () => {
			view.value = viewInAddress();
			endpoint.value = endpointInAddress();
		};
		addEventListener("popstate", onPopState);
		return () => removeEventListener("popstate", onPopState);
	}, []);
	useEffect(() => {
		document.title = view.value === "api" ? `${space.title}: API` : space.title;
	}, [view.value]);
	const unknown = endpoint.value !== undefined && !found;
	return (
		<div class={`page ${framed ? "framed" : ""}`}>
			{!framed && <Header space={space} />}
			<main>
				{unknown && (
					<p class="problem" role="alert">
						This Space has no endpoint “{endpoint.value}”.{call && ` This is “${chosen}”.`}
					</p>
				)}
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
								choose={(name) => go("app", name)}
								panel="endpoint"
							/>
						)}
						{call ? (
							<div
								id="endpoint"
								{...(calls.length > 1 && { role: "tabpanel", "aria-labelledby": `endpoint-tab-${chosen}` })}
							>
								{space.chat ? <ChatPage key={chosen} call={call} session={space.session} /> : <EndpointPage key={chosen} call={call} />}
							</div>
						) : (
							<p class="empty">This Space shows no endpoints.</p>
						)}
					</>
				)}
			</main>
			{!framed && (
				<footer>
					<button type="button" class="link" onClick={() => go(view.value === "api" ? "app" : "api", chosen)}>
						{view.value === "api" ? "← Back to the app" : "Use via API"}
					</button>
					<small>Made with Spaceport</small>
				</footer>
			)}
		</div>
	);
}

function Header({ space }: { space: SpaceView }) {
	return (
		<header>
			<h1>{space.title}</h1>
			<div class="row">
				<Recorder space={space} />
				<ThemeButton />
				{space.user !== null && (
					<a class="small" href={`${space.root}logout`}>
						Log out {space.user}
					</a>
				)}
			</div>
		</header>
	);
}
