/** All Spaces of the hub, private ones too: their state, restart and pause. */

import { CirclePause, Lock, RotateCcw } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { Button, IconButton } from "../../../parts/button";
import { Empty } from "../../../parts/empty";
import { Icon } from "../../../parts/icon";
import { Skeleton } from "../../../parts/skeleton";
import { addressOfOwner, addressOfSpace } from "../../../services/hub/router";
import { getSpaces, pathOfList, pauseSpace, restartSpace, type SpacePage, type SpaceSummary } from "../../../services/hub/spaces";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { Problem } from "../../../views/loaded";
import { agoText, countText } from "../../../views/time";
import { StageBadge } from "../stage";

const PAGE = 50;
const DELAY_MS = 200;

export function SpacesPage() {
	const [search, setSearch] = useState("");
	const [found, setFound] = useState<SpacePage>();
	const [problem, setProblem] = useState("");
	const [asked, setAsked] = useState(0);
	useEffect(() => {
		const stop = new AbortController();
		const timer = setTimeout(
			() => getSpaces(pathOfList({ search, limit: PAGE }), stop.signal).then(setFound, (error: Error) => !stop.signal.aborted && setProblem(error.message)),
			DELAY_MS,
		);
		return () => {
			clearTimeout(timer);
			stop.abort();
		};
	}, [search, asked]);
	const more = async () => {
		if (!found?.next) return;
		try {
			const page = await getSpaces(found.next, new AbortController().signal);
			setFound({ spaces: [...found.spaces, ...page.spaces], next: page.next });
		} catch (error) {
			showFailure(error);
		}
	};
	const act = (what: Promise<unknown>, text: string, id: string) =>
		void what.then(() => {
			showToast(text, id);
			setAsked((before) => before + 1);
		}, showFailure);
	return (
		<>
			<div class="filters" role="group" aria-label="Filters">
				<input class="filter" type="search" aria-label="Search Spaces" placeholder="Search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
			</div>
			{problem && <Problem title="The Spaces cannot be shown" text={problem} />}
			{!found && !problem && <Skeleton lines={6} height_px={36} />}
			{found?.spaces.length === 0 && <Empty title="No matching Spaces." />}
			{found && found.spaces.length > 0 && (
				<div class="sheet" role="region" aria-label="All Spaces" tabIndex={0}>
					<table>
						<thead>
							<tr>
								<th scope="col">Space</th>
								<th scope="col">State</th>
								<th scope="col" class="number">
									Calls a week
								</th>
								<th scope="col">Changed</th>
								<th scope="col">
									<span class="visually-hidden">Actions</span>
								</th>
							</tr>
						</thead>
						<tbody>
							{found.spaces.map((one) => (
								<Row key={one.id} space={one} act={act} />
							))}
						</tbody>
					</table>
				</div>
			)}
			{found?.next && (
				<div class="more">
					<Button onClick={() => void more()}>Show more</Button>
				</div>
			)}
		</>
	);
}

function Row({ space, act }: { space: SpaceSummary; act: (what: Promise<unknown>, text: string, id: string) => void }) {
	const { id, author, runtime } = space;
	return (
		<tr>
			<td>
				<a href={addressOfOwner(author)}>{author}</a> / <a href={addressOfSpace(id)}>{id.split("/")[1]}</a>{" "}
				{space.private && (
					<>
						<Icon of={Lock} size={12} />
						<span class="visually-hidden">private</span>
					</>
				)}
			</td>
			<td>
				<StageBadge stage={runtime.stage} />
			</td>
			<td class="number">{countText(space.calls)}</td>
			<td>
				<time>{agoText(Date.parse(space.lastModified))}</time>
			</td>
			<td class="actions">
				{space.sdk !== "static" && (
					<div class="row">
						<IconButton label={`Restart ${id}`} icon={RotateCcw} onClick={() => act(restartSpace(id), "It restarts", id)} />
						<IconButton label={`Pause ${id}`} icon={CirclePause} disabled={runtime.stage === "PAUSED"} onClick={() => act(pauseSpace(id), "It is paused", id)} />
					</div>
				)}
			</td>
		</tr>
	);
}
