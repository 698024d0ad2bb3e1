/** The directory: all Spaces that the visitor may see; search, filters and order stand in the address. */

import { Search, SearchX, X } from "lucide";
import { useEffect, useId, useLayoutEffect, useState } from "preact/hooks";
import { Button, IconButton } from "../../../parts/button";
import { Empty } from "../../../parts/empty";
import { Icon } from "../../../parts/icon";
import { Segmented } from "../../../parts/segmented";
import { Select } from "../../../parts/select";
import { address, addressOfOwner, navigate } from "../../../services/hub/router";
import { viewer } from "../../../services/hub/viewer";
import { HowToDeploy } from "./deploy";
import { CardSkeletons, SpaceCard } from "./card";
import { SpaceList, useSpaceList } from "./list";

const STATES = [
	["", "Any state"],
	["RUNNING,RUNNING_BUILDING,RUNNING_APP_STARTING", "Running"],
	["SLEEPING,STOPPED", "Sleeping"],
	["BUILDING,APP_STARTING", "Building"],
	["PAUSED", "Paused"],
	["BUILD_ERROR,CONFIG_ERROR,RUNTIME_ERROR", "Failed"],
	["NO_APP_FILE", "Without an app"],
] as const;
const ORDERS = [
	["", "Last changed"],
	["createdAt", "Newest"],
] as const;
const SDKS = [
	["", "All"],
	["gradio", "Apps"],
	["static", "Static pages"],
] as const;
const OWN_SHOWN = 3;

/** Puts a parameter into the address. A text that is being typed makes no history. */
function setParameter(name: string, value: string, replace = false): void {
	const to = new URL(address.value);
	if (value) to.searchParams.set(name, value);
	else to.searchParams.delete(name);
	navigate(to.href, { replace });
}

export function DirectoryPage({ home }: { home: boolean }) {
	const parameters = new URL(address.value).searchParams;
	const read = (name: string) => parameters.get(name) ?? "";
	const [search, state, sort, tag, sdk, owner] = [read("search"), read("state"), read("sort"), read("tag"), read("sdk"), read("owner")];
	const stage = STATES.find(([, text]) => text.toLowerCase() === state.toLowerCase())?.[0] ?? "";
	const filtered = Boolean(search || stage || tag || sdk || owner);
	const filter = [tag, sdk].filter(Boolean).join(",");
	const [settledFor, setSettledFor] = useState("");
	const shown = home && !filtered ? viewer.value : null;
	const waits = shown === undefined || (shown !== null && settledFor !== shown.name);
	useEffect(() => {
		document.title = "Spaces";
	}, []);
	return (
		<>
			<div class="head">
				<h1>Spaces</h1>
				<SearchField text={search} />
			</div>
			{shown && <Yours name={shown.name} settled={() => setSettledFor(shown.name)} />}
			{waits && <CardSkeletons count={6} />}
			<section class="all" aria-label="All Spaces" hidden={waits}>
				<div class="filters" role="group" aria-label="Filters">
					<Segmented label="Kind" options={SDKS} value={SDKS.find(([one]) => one === sdk)?.[0] ?? ""} change={(value) => setParameter("sdk", value)} />
					<Select
						label="State"
						options={STATES}
						value={stage}
						change={(value) => setParameter("state", value && (STATES.find(([one]) => one === value)?.[1].toLowerCase() ?? ""))}
					/>
					{tag && <Chosen text={`Tag: ${tag}`} remove={() => setParameter("tag", "")} />}
					{owner && <Chosen text={`Owner: ${owner}`} remove={() => setParameter("owner", "")} />}
					<span class="gap" />
					<Select
						label="Order"
						options={ORDERS}
						value={ORDERS.find(([one]) => one === sort)?.[0] ?? ""}
						change={(value) => setParameter("sort", value)}
					/>
				</div>
				<SpaceList
					query={{ search, stage, sort, tag: filter, author: owner }}
					empty={filtered ? <Nothing /> : <HowToDeploy id={`${viewer.value?.name ?? "you"}/my-space`} title="There are no Spaces yet: make the first one" />}
				/>
			</section>
		</>
	);
}

function SearchField({ text }: { text: string }) {
	const id = useId();
	return (
		<form role="search" class="search" onSubmit={(event) => event.preventDefault()}>
			<label class="visually-hidden" for={id}>
				Search Spaces
			</label>
			<Icon of={Search} />
			<input
				id={id}
				type="search"
				dir="auto"
				placeholder="Search titles, descriptions, tags and owners"
				value={text}
				onInput={(event) => setParameter("search", event.currentTarget.value, true)}
			/>
		</form>
	);
}

function Chosen({ text, remove }: { text: string; remove: () => void }) {
	return (
		<span class="chosen">
			{text}
			<IconButton label={`Remove the filter ${text}`} icon={X} onClick={remove} />
		</span>
	);
}

function Nothing() {
	return (
		<Empty icon={SearchX} title="No matching Spaces." text="Try other words, or fewer filters.">
			<Button onClick={() => navigate(new URL(address.value).pathname)}>Show all</Button>
		</Empty>
	);
}

/** The visitor's own Spaces that changed last. What stands below is shown once it has `settled`, so that nothing moves. */
function Yours({ name, settled }: { name: string; settled: () => void }) {
	const [query] = useState({ author: name, limit: OWN_SHOWN });
	const { found, problem } = useSpaceList(query);
	useLayoutEffect(() => {
		if (found || problem) settled();
	}, [found, problem]);
	if (!found?.spaces.length) return null;
	return (
		<section class="yours" aria-labelledby="yours">
			<div class="row">
				<h2 id="yours">Yours</h2>
				<a href={addressOfOwner(name)}>All of yours</a>
			</div>
			<ul class="directory" aria-label="Your Spaces">
				{found.spaces.map((one) => (
					<SpaceCard key={one.id} space={one} />
				))}
			</ul>
		</section>
	);
}
