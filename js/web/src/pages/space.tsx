/** A Space's page: its bar, the app, how to use it as an API, and the calls of this browser. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Banner } from "../parts/banner";
import { Empty } from "../parts/empty";
import { Skeleton } from "../parts/skeleton";
import { endpointInAddress, framed, pushAddress, readInputs, viewInAddress, type View } from "../services/address";
import { Call } from "../services/call";
import { whenIdle } from "../services/idle";
import { wasReloaded } from "../services/navigation";
import type { SpaceView } from "../services/space";
import { Description } from "../views/description";
import { lazy } from "../views/lazy";
import { SpaceBar } from "./bar";
import { ChatPage } from "./chat";
import { EndpointPage } from "./endpoint";
import { EndpointList } from "./endpoints";
import { HistoryPage } from "./history";
import "./api/style.css"; // with the page: no request of its own
import "./space.css";

export const ApiPage = lazy(async () => (await import("./api")).ApiPage, <Skeleton lines={10} />);
const TITLES: Record<View, string> = { app: "", api: ": API", history: ": history" };
const view = signal<View>(viewInAddress());
const endpoint = signal(endpointInAddress());

/** The calls of all endpoints, with the inputs of the address or, after a reload, as they were. */
export function openCalls(space: SpaceView): Call[] {
	const calls = space.endpoints.map((one) => new Call(space, one));
	const named = calls.find((call) => call.endpoint.name === endpoint.value) ?? calls[0];
	const given = named && readInputs(named);
	if (!space.chat) for (const call of calls) if (call !== named || !given || wasReloaded()) call.restore();
	return calls;
}

export function SpacePage({ space, calls }: { space: SpaceView; calls: Call[] }) {
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
	useEffect(() => whenIdle(() => void ApiPage.prepare()), []);
	useEffect(() => {
		document.title = space.title + TITLES[view.value];
	}, [view.value]);
	const unknown = endpoint.value !== undefined && !found;
	return (
		<>
			{!framed && <SpaceBar space={space} call={call} view={view.value} go={(to) => go(to, chosen)} />}
			<main class={`space-page ${view.value} ${framed ? "framed" : ""} ${space.chat ? "chatting" : ""}`}>
				{space.reconnecting.value && <Banner tone="busy" title="Reconnecting: your calls go on" />}
				{unknown && (
					<Banner tone="bad" role="alert">
						This Space has no endpoint “{endpoint.value}”.{call && ` This is “${chosen}”.`}
					</Banner>
				)}
				{view.value === "api" && <ApiPage space={space} calls={calls} />}
				{view.value === "history" && <HistoryPage space={space} calls={calls} show={(name) => go("app", name)} />}
				{view.value === "app" && <App space={space} calls={calls} call={call} choose={(name) => go("app", name)} />}
			</main>
		</>
	);
}

interface AppProps {
	space: SpaceView;
	calls: Call[];
	call: Call | undefined;
	choose: (endpoint: string) => void;
}

function App({ space, calls, call, choose }: AppProps) {
	if (!call) return <Empty title="This Space shows no endpoints" text="Its author has published none." />;
	const { name } = call.endpoint;
	if (space.chat && calls.length === 1) return <ChatPage key={name} call={call} space={space} />;
	const several = calls.length > 1;
	return (
		<>
			{space.description && <Description text={space.description} />}
			<EndpointList calls={calls} chosen={name} choose={choose}>
				<div id="endpoint" class="endpoint" {...(several && { role: "tabpanel", "aria-labelledby": `endpoint-tab-${name}` })}>
					{space.chat ? <ChatPage key={name} call={call} space={space} /> : <EndpointPage key={name} call={call} />}
				</div>
			</EndpointList>
		</>
	);
}
