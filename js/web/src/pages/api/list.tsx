/** The index of the API page, which marks the endpoint that is in view. */

import { useEffect, useState } from "preact/hooks";
import type { Call } from "../../services/call";

const FILTER_MIN = 10;

export function ApiIndex({ calls }: { calls: Call[] }) {
	const [filter, setFilter] = useState("");
	const [current, setCurrent] = useState("");
	useEffect(() => {
		const visible = new Set<string>();
		const watcher = new IntersectionObserver(
			(seen) => {
				for (const { isIntersecting, target } of seen) visible[isIntersecting ? "add" : "delete"](target.id);
				const top = calls.map(({ endpoint }) => `api-${endpoint.name}`).find((id) => visible.has(id));
				if (top) setCurrent(top);
			},
			{ rootMargin: "-100px 0px -70% 0px" },
		);
		for (const section of document.querySelectorAll("section.docs")) watcher.observe(section);
		return () => watcher.disconnect();
	}, [calls]);
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
			<ul>
				{shown.map(({ endpoint }) => (
					<li key={endpoint.name}>
						<a href={`#api-${encodeURIComponent(endpoint.name)}`} aria-current={current === `api-${endpoint.name}` ? "true" : undefined}>
							/{endpoint.name}
						</a>
					</li>
				))}
			</ul>
		</nav>
	);
}
