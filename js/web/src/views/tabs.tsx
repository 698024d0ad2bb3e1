/** Tabs, as the ARIA practices have them: arrows move, the chosen one is in the tab order. */

import { useEffect, useRef } from "preact/hooks";

interface Props<T extends string> {
	label: string;
	tabs: [T, string][];
	chosen: T;
	choose: (tab: T) => void;
	panel: string;
}

export function Tabs<T extends string>({ label, tabs, chosen, choose, panel }: Props<T>) {
	const moved = (event: KeyboardEvent) => {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		if (!step) return;
		event.preventDefault();
		const place = tabs.findIndex(([name]) => name === chosen);
		const next = tabs[(place + step + tabs.length) % tabs.length];
		if (!next) return;
		choose(next[0]);
		document.getElementById(`${panel}-tab-${next[0]}`)?.focus();
	};
	const list = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const own = list.current?.querySelector<HTMLElement>('[aria-selected="true"]');
		if (own && list.current) list.current.scrollLeft = own.offsetLeft - list.current.clientWidth / 2;
	}, [chosen]);
	return (
		<div ref={list} class="tabs" role="tablist" aria-label={label} onKeyDown={moved}>
			{tabs.map(([name, text]) => (
				<button
					key={name}
					type="button"
					role="tab"
					id={`${panel}-tab-${name}`}
					aria-selected={name === chosen}
					aria-controls={panel}
					tabIndex={name === chosen ? 0 : -1}
					onClick={() => choose(name)}
				>
					{text}
				</button>
			))}
		</div>
	);
}
