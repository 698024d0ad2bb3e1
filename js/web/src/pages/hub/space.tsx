/** One Space: its app, its API, its files, its logs. */

import { useEffect, useState } from "preact/hooks";
import { getRuntime, getSpace, type SpaceSummary } from "../../services/hub/spaces";
import { token } from "../../services/token";
import { Tabs } from "../../parts/tabs";
import { ApiTab } from "./api";
import { AppTab } from "./app";
import { FilesTab } from "./files";
import { LogsTab } from "./logs";
import { StageBadge } from "./stage";

const POLL_INTERVAL_MS = 3000;

type Tab = "app" | "api" | "files" | "logs";
const TABS: [Tab, string][] = [
	["app", "App"],
	["api", "API"],
	["files", "Files"],
	["logs", "Logs"],
];

function tabInAddress(): Tab {
	const wanted = new URLSearchParams(location.search).get("tab");
	return TABS.find(([name]) => name === wanted)?.[0] ?? "app";
}

/** The chosen tab. Each choice is an entry of the browser's history. */
function useTab(): [Tab, (tab: Tab) => void] {
	const [tab, setTab] = useState<Tab>(tabInAddress);
	useEffect(() => {
		const onPopState = () => setTab(tabInAddress());
		addEventListener("popstate", onPopState);
		return () => removeEventListener("popstate", onPopState);
	}, []);
	const choose = (name: Tab) => {
		const address = new URL(location.href);
		address.hash = "";
		address.searchParams.set("tab", name);
		history.pushState(null, "", address);
		setTab(name);
	};
	return [tab, choose];
}

/** The Space, and its newest stage. */
function useSpace(id: string): [SpaceSummary | undefined, string] {
	const [space, setSpace] = useState<SpaceSummary>();
	const [problem, setProblem] = useState("");
	const visitor = token.value;
	useEffect(() => {
		getSpace(id).then(
			(found) => {
				setSpace(found);
				setProblem("");
			},
			(error: Error) => setProblem(error.message),
		);
	}, [id, visitor]);
	useEffect(() => {
		const timer = setInterval(() => {
			if (document.hidden || !space) return;
			getRuntime(id).then(
				(runtime) => setSpace((before) => before && { ...before, runtime }),
				() => undefined, // tried again at the next interval
			);
		}, POLL_INTERVAL_MS);
		return () => clearInterval(timer);
	}, [id, Boolean(space)]);
	return [space, problem];
}

export function SpacePage({ id }: { id: string }) {
	const [space, problem] = useSpace(id);
	const [tab, choose] = useTab();
	const title = space?.cardData.title || id;
	useEffect(() => {
		document.title = title;
	}, [title]);
	if (problem) {
		return (
			<div class="card problem" role="alert">
				<h2>{id} cannot be shown</h2>
				<p>{problem.replace(/[^.!?]$/, "$&.")} If it is private, give a token that may read it.</p>
			</div>
		);
	}
	if (!space) return <p class="empty">…</p>;
	return (
		<div>
			<div class="row">
				<h2 dir="auto">{title}</h2>
				<small>{space.id}</small>
				<StageBadge stage={space.runtime.stage} />
				<a class="small" href={space.host} target="_blank" rel="noopener">
					Open in new tab
				</a>
			</div>
			{space.runtime.errorMessage && space.runtime.stage !== "PAUSED" && (
				<pre class="problem" tabIndex={0}>
					{space.runtime.errorMessage}
				</pre>
			)}
			{space.runtime.notices && (
				<ul class="notices" aria-label="Notices">
					{space.runtime.notices.map((text) => (
						<li key={text}>{text}</li>
					))}
				</ul>
			)}
			<Tabs label="Views of the Space" tabs={TABS} chosen={tab} choose={choose} panel="view" />
			<div id="view" role="tabpanel" aria-labelledby={`view-tab-${tab}`}>
				{tab === "app" && <AppTab space={space} showLogs={() => choose("logs")} />}
				{tab === "api" && <ApiTab space={space} />}
				{tab === "files" && <FilesTab id={id} />}
				{tab === "logs" && <LogsTab id={id} />}
			</div>
		</div>
	);
}
