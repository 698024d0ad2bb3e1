/** The endpoints of a Space: tabs when there are a few, else a list at the left with a filter, which is a select on a phone. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Select } from "../parts/select";
import { Tabs } from "../parts/tabs";
import type { Call } from "../services/call";
import "./endpoints.css";

const TABS_MAX = 6;

interface Props {
	calls: Call[];
	chosen: string;
	choose: (endpoint: string) => void;
	/** What the chosen one shows. */
	children: ComponentChildren;
}

export function EndpointList({ calls, chosen, choose, children }: Props) {
	const tabs = calls.map(({ endpoint }): [string, string] => [endpoint.name, endpoint.name.replace(/_/g, " ")]);
	if (calls.length <= 1) return <>{children}</>;
	if (calls.length <= TABS_MAX) {
		return (
			<>
				<Tabs label="Endpoints" tabs={tabs} chosen={chosen} choose={choose} panel="endpoint" />
				{children}
			</>
		);
	}
	return (
		<div class="with-list">
			<div class="endpoint-select">
				<Select label="Endpoint" options={tabs} value={chosen} change={choose} />
			</div>
			<FilteredList tabs={tabs} chosen={chosen} choose={choose} />
			{children}
		</div>
	);
}

/** The chosen endpoint stays in the list, so that the panel has its tab. */
function FilteredList({ tabs, chosen, choose }: { tabs: [string, string][]; chosen: string; choose: (name: string) => void }) {
	const [filter, setFilter] = useState("");
	const input = useRef<HTMLInputElement>(null);
	useEffect(() => {
		const onKeyDown = (event: KeyboardEvent) => {
			const target = event.target as HTMLElement;
			if (event.key !== "/" || event.ctrlKey || event.metaKey || target.isContentEditable) return;
			if (["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName)) return;
			event.preventDefault();
			input.current?.focus();
		};
		addEventListener("keydown", onKeyDown);
		return () => removeEventListener("keydown", onKeyDown);
	}, []);
	const wanted = filter.trim().toLowerCase();
	const matches = ([name, text]: [string, string]) => `${name} ${text}`.toLowerCase().includes(wanted);
	const shown = tabs.filter((tab) => tab[0] === chosen || matches(tab));
	const first = tabs.find(matches);
	return (
		<div class="endpoint-list">
			<input
				ref={input}
				type="search"
				aria-label="Filter endpoints"
				placeholder="Filter  /"
				value={filter}
				onInput={(event) => setFilter(event.currentTarget.value)}
				onKeyDown={(event) => {
					if (event.key === "Enter" && first) choose(first[0]);
					if (event.key === "Escape") setFilter("");
				}}
			/>
			<Tabs vertical label="Endpoints" tabs={shown} chosen={chosen} choose={choose} panel="endpoint" />
		</div>
	);
}
