/** The index of the API page, which marks the endpoint that is in view. */

import { useEffect, useRef, useState } from "preact/hooks";
import { endpointInAddress } from "../../services/address";
import type { Call } from "../../services/call";
import { decodePercent } from "../../services/percent";

const FILTER_MIN = 10;
/** Less of an endpoint than this below the bars is its end. */
const TOP_MARGIN = "-180px 0px 0px 0px";

/** The id of the section of the endpoint that the address names. */
export function idInAddress(): string {
	const hash = location.hash.slice(1);
	return hash ? decodePercent(hash) : `api-${endpointInAddress() ?? ""}`;
}

/** The id of the section of a call's endpoint. */
export const sectionId = ({ endpoint }: Call): string => `api-${endpoint.name}`;

export function ApiIndex({ calls }: { calls: Call[] }) {
	const [filter, setFilter] = useState("");
	const [current, setCurrent] = useState("");
	useEffect(() => {
		const visible = new Set<string>();
		const watcher = new IntersectionObserver(
			(seen) => {
				for (const { isIntersecting, target } of seen) visible[isIntersecting ? "add" : "delete"](target.id);
				const chosen = idInAddress(); // the last ones cannot be scrolled to the top
				const top = visible.has(chosen) ? chosen : calls.map(sectionId).find((id) => visible.has(id));
				if (top) setCurrent(top);
			},
			{ rootMargin: TOP_MARGIN },
		);
		for (const section of document.querySelectorAll("section.docs")) watcher.observe(section);
		return () => watcher.disconnect();
	}, [calls]);
	const list = useRef<HTMLUListElement>(null);
	useEffect(() => {
		const link = list.current?.querySelector<HTMLElement>("[aria-current]");
		if (link && list.current) list.current.scrollTop = link.offsetTop - list.current.clientHeight / 2;
	}, [current]);
	const shown = calls.filter(({ endpoint }) => endpoint.name.toLowerCase().includes(filter.trim().toLowerCase()));
	return (
		<nav class="api-index" aria-label="Endpoints">
			{calls.length >= FILTER_MIN && (
				<input
					type="search"
					aria-label="Filter endpoints"
					placeholder="Filter"
					value={filter}
					onInput={(event) => setFilter(event.currentTarget.value)}
				/>
			)}
			<ul ref={list}>
				{shown.map((call) => (
					<li key={call.endpoint.name}>
						<a href={`#${encodeURIComponent(sectionId(call))}`} aria-current={current === sectionId(call) ? "true" : undefined}>
							/{call.endpoint.name}
						</a>
					</li>
				))}
			</ul>
		</nav>
	);
}
