/** The directory: all Spaces that the visitor may see, and a search. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { hubRoot } from "../../services/hub/http";
import { listSpaces, type SpaceSummary } from "../../services/hub/spaces";
import { searchSpaces } from "../../services/hub/search";
import { token } from "../../services/token";
import { StageBadge } from "./stage";

export function DirectoryPage() {
	const [search, setSearch] = useState(() => new URLSearchParams(location.search).get("search") ?? "");
	const [spaces, setSpaces] = useState<SpaceSummary[]>();
	const [problem, setProblem] = useState("");
	const visitor = token.value;
	useEffect(() => {
		const stop = new AbortController();
		listSpaces(stop.signal).then(
			(found) => {
				setSpaces(found);
				setProblem("");
			},
			(error: Error) => !stop.signal.aborted && setProblem(error.message),
		);
		return () => stop.abort();
	}, [visitor]);
	const found = useMemo(() => spaces && searchSpaces(spaces, search), [spaces, search]);
	const onSearch = (text: string) => {
		setSearch(text);
		const address = new URL(location.href);
		if (text) address.searchParams.set("search", text);
		else address.searchParams.delete("search");
		history.replaceState(null, "", address);
	};
	return (
		<div>
			<form role="search" onSubmit={(event) => event.preventDefault()}>
				<label class="visually-hidden" for="search">
					Search Spaces
				</label>
				<input
					id="search"
					type="search"
					dir="auto"
					placeholder="Search titles, descriptions, tags and owners"
					value={search}
					onInput={(event) => onSearch(event.currentTarget.value)}
				/>
			</form>
			{problem && (
				<p class="problem" role="alert">
					{problem}
				</p>
			)}
			<ul class="directory" aria-label="Spaces">
				{found?.map((one) => (
					<SpaceCard key={one.id} space={one} />
				))}
			</ul>
			{found && !found.length && <p class="empty">{search ? "No matching Spaces." : "There are no Spaces yet."}</p>}
		</div>
	);
}

function SpaceCard({ space }: { space: SpaceSummary }) {
	const { title, emoji, short_description } = space.cardData;
	return (
		<li class="card">
			<h2 dir="auto">
				<a href={`${hubRoot}spaces/${space.id}`}>
					{emoji && <span aria-hidden="true">{emoji} </span>}
					{title || space.id.split("/")[1]}
				</a>
			</h2>
			<p dir="auto">{short_description}</p>
			<p class="row">
				<small>{space.id}</small>
				<StageBadge stage={space.runtime.stage} />
				{space.private && <span class="badge">private</span>}
			</p>
		</li>
	);
}
