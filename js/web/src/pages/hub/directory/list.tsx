/** Spaces as cards, page by page as the hub gives them. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Banner } from "../../../parts/banner";
import { Button } from "../../../parts/button";
import type { ComponentChildren } from "preact";
import { getSpaces, pathOfList, type SpaceQuery, type SpaceSummary } from "../../../services/hub/spaces";
import { viewer } from "../../../services/hub/viewer";
import { token } from "../../../services/token";
import { CardSkeletons, SpaceCard } from "./card";

const PAGE = 24;
const DELAY_MS = 120;

interface ListedSpaces {
	spaces: SpaceSummary[];
	next: string | undefined;
}

/** `found` is undefined until the first page is there, and stays while another question is asked. */
export function useSpaceList(query: SpaceQuery): { found: ListedSpaces | undefined; problem: string; more: () => void; loading: boolean } {
	const [found, setFound] = useState<ListedSpaces>();
	const [problem, setProblem] = useState("");
	const [loading, setLoading] = useState(false);
	const path = pathOfList({ limit: PAGE, ...query });
	const stop = useRef(new AbortController());
	const asked = useRef(false);
	const fail = (signal: AbortSignal) => (error: Error) => {
		if (signal.aborted) return;
		setLoading(false);
		setProblem(error.message);
	};
	useEffect(() => {
		const own = new AbortController();
		stop.current = own;
		const ask = () =>
			getSpaces(path, own.signal).then((page) => {
				if (own.signal.aborted) return;
				setFound(page);
				setProblem("");
				setLoading(false);
			}, fail(own.signal));
		setLoading(true);
		const timer = setTimeout(ask, asked.current ? DELAY_MS : 0);
		asked.current = true;
		return () => {
			clearTimeout(timer);
			own.abort();
		};
	}, [path, token.value, viewer.value?.name]);
	const more = () => {
		const { signal } = stop.current;
		if (!found?.next || loading) return;
		setLoading(true);
		getSpaces(found.next, signal).then((page) => {
			if (signal.aborted) return;
			setFound({ spaces: [...found.spaces, ...page.spaces], next: page.next });
			setLoading(false);
		}, fail(signal));
	};
	return { found, problem, more, loading };
}

interface Props {
	query: SpaceQuery;
	/** What stands there when there is none. */
	empty: ComponentChildren;
}

export function SpaceList({ query, empty }: Props) {
	const { found, problem, more, loading } = useSpaceList(query);
	const foot = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const element = foot.current;
		if (!element) return undefined;
		const watcher = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && more(), { rootMargin: "200px" });
		watcher.observe(element);
		return () => watcher.disconnect();
	});
	if (problem) {
		return (
			<Banner tone="bad" role="alert" title="The list cannot be shown">
				{problem}
			</Banner>
		);
	}
	if (!found) return <CardSkeletons count={6} />;
	if (!found.spaces.length) return <>{empty}</>;
	return (
		<>
			<ul class="directory" aria-label="Spaces" aria-busy={loading}>
				{found.spaces.map((one) => (
					<SpaceCard key={one.id} space={one} />
				))}
			</ul>
			{found.next && (
				<div ref={foot} class="more">
					<Button onClick={more} disabled={loading}>
						Show more
					</Button>
				</div>
			)}
		</>
	);
}
