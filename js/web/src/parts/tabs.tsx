/** Tabs, as the ARIA practices describe them: the arrow keys, Home and End move; Tab leaves the list. */

import { useEffect, useRef } from "preact/hooks";
import "./segmented.css";
import "./tabs.css";

interface Props<T extends string> {
	label: string;
	tabs: readonly (readonly [T, string])[];
	chosen: T;
	choose: (tab: T) => void;
	/** The id of the panel. */
	panel: string;
	/** Looks like one control, for views of one thing. */
	segments?: boolean;
	/** One below the other. */
	vertical?: boolean;
}

/** Where a key leads from the tab at `index`; undefined for keys that do not move. */
function targetOf(key: string, index: number, count: number): number | undefined {
	switch (key) {
		case "ArrowRight":
		case "ArrowDown":
			return (index + 1) % count;
		case "ArrowLeft":
		case "ArrowUp":
			return (index - 1 + count) % count;
		case "Home":
			return 0;
		case "End":
			return count - 1;
		default:
			return undefined;
	}
}

export function Tabs<T extends string>({ label, tabs, chosen, choose, panel, segments = false, vertical = false }: Props<T>) {
	const list = useRef<HTMLDivElement>(null);
	const onKeyDown = (event: KeyboardEvent) => {
		const index = tabs.findIndex(([name]) => name === chosen);
		const target = tabs[targetOf(event.key, index, tabs.length) ?? -1];
		if (!target) return;
		event.preventDefault();
		choose(target[0]);
		document.getElementById(`${panel}-tab-${target[0]}`)?.focus();
	};
	useEffect(() => {
		const tab = list.current?.querySelector<HTMLElement>('[aria-selected="true"]');
		if (!tab || !list.current) return;
		list.current.scrollLeft = tab.offsetLeft - list.current.clientWidth / 2;
		if (vertical) list.current.scrollTop = tab.offsetTop - list.current.clientHeight / 2;
	}, [chosen]);
	return (
		<div ref={list} class={`tabs ${segments ? "segments" : ""} ${vertical ? "vertical" : ""}`} role="tablist" aria-label={label} aria-orientation={vertical ? "vertical" : undefined} onKeyDown={onKeyDown}>
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
					<span>{text}</span>
				</button>
			))}
		</div>
	);
}
