/** One Space: its head, its tabs, and what the chosen one shows. */

import { useEffect, useState } from "preact/hooks";
import { Banner } from "../../../parts/banner";
import { Skeleton } from "../../../parts/skeleton";
import { Tabs } from "../../../parts/tabs";
import { currentSpace } from "../../../services/hub/current";
import { HubError } from "../../../services/hub/http";
import { rememberSpace } from "../../../services/hub/recent";
import { addressOfSpace, navigate, SPACE_TABS, type View } from "../../../services/hub/router";
import { getRuntime, getSpace, type SpaceSummary, titleOf } from "../../../services/hub/spaces";
import { token } from "../../../services/token";
import { lazy } from "../../../views/lazy";
import { AppTab } from "./app";
import { FilesTab } from "./files";
import { SpaceHead } from "./head";
import { LogsTab } from "./logs";
import { ReadmeTab } from "./readme";
import { TAB_NAMES } from "./tabs";
import "./style.css";
import "./files.css";
import "./tabs.css";

const POLL_INTERVAL_MS = 3000;

const LOADING = <Skeleton lines={6} />;
const ApiTab = lazy(async () => (await import("./api")).ApiTab, LOADING); // with the client and all components
const JobsTab = lazy(async () => (await import("./jobs")).JobsTab, LOADING);
const UsageTab = lazy(async () => (await import("./usage")).UsageTab, LOADING);
const SettingsTab = lazy(async () => (await import("./settings")).SettingsTab, LOADING);

export type SpaceViewOf = Extract<View, { name: "space" }>;

/** The Space with its newest stage, what is wrong, and a function that asks again at once. */
function useSpace(id: string): [SpaceSummary | undefined, HubError | Error | undefined, () => void] {
	const [space, setSpace] = useState<SpaceSummary>();
	const [problem, setProblem] = useState<Error>();
	const visitor = token.value;
	const ask = () =>
		getSpace(id).then(
			(found) => {
				setSpace(found);
				setProblem(undefined);
			},
			(error: Error) => {
				setSpace(undefined);
				setProblem(error);
			},
		);
	useEffect(() => void ask(), [id, visitor]);
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
	useEffect(() => {
		currentSpace.value = space;
		return () => {
			currentSpace.value = undefined;
		};
	}, [space]);
	return [space, problem, () => void ask()];
}

export function SpacePage({ view }: { view: SpaceViewOf }) {
	const { id, tab } = view;
	const [space, problem, changed] = useSpace(id);
	const title = space ? titleOf(space) : id;
	useEffect(() => {
		document.title = tab === "app" ? title : `${TAB_NAMES[tab]}: ${title}`;
	}, [title, tab]);
	useEffect(() => {
		if (space) rememberSpace(space.id);
	}, [space?.id]);
	if (problem) {
		return (
			<>
				<h1 class="visually-hidden">{id}</h1>
				<Banner tone="bad" role="alert" title={`${id} cannot be shown`}>
					{problem.message.replace(/[^.!?]$/, "$&.")} If it is private, sign in, or use a token that may read it.
				</Banner>
			</>
		);
	}
	const shown = SPACE_TABS.filter((one) => one !== "settings" || space?.canWrite || tab === "settings");
	return (
		<div class={`space-page of-${tab}`}>
			<SpaceHead id={id} space={space} changed={changed} />
			<Tabs
				label="Views of the Space"
				tabs={shown.map((one) => [one, TAB_NAMES[one]] as const)}
				chosen={tab}
				choose={(name) => navigate(addressOfSpace(id, name))}
				panel="view"
			/>
			<div id="view" role="tabpanel" aria-labelledby={`view-tab-${tab}`}>
				{space ? <Panel view={view} space={space} changed={changed} /> : LOADING}
			</div>
		</div>
	);
}

function Panel({ view, space, changed }: { view: SpaceViewOf; space: SpaceSummary; changed: () => void }) {
	switch (view.tab) {
		case "app":
			return <AppTab space={space} changed={changed} />;
		case "readme":
			return <ReadmeTab space={space} />;
		case "files":
			return <FilesTab space={space} view={view} changed={changed} />;
		case "api":
			return <ApiTab space={space} />;
		case "jobs":
			return <JobsTab space={space} />;
		case "logs":
			return <LogsTab space={space} />;
		case "usage":
			return <UsageTab space={space} />;
		case "settings":
			return <SettingsTab space={space} changed={changed} />;
	}
}
