/** Ctrl+K: goes to Spaces and pages, and does things. The arrow keys choose, Enter goes. */

import { Box, CirclePause, FileText, type IconNode, LayoutGrid, Moon, Plus, RotateCcw, Search, Settings, ShieldCheck, User } from "lucide";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "../../parts/icon";
import { hubRoot } from "../../services/hub/http";
import { recentSpaces } from "../../services/hub/recent";
import { addressOfAdmin, addressOfNew, addressOfOwner, addressOfSettings, addressOfSpace, navigate, SPACE_TABS, type View } from "../../services/hub/router";
import { currentSpace } from "../../services/hub/current";
import { cardText, getSpaces, pathOfList, pauseSpace, restartSpace, type SpaceSummary, titleOf } from "../../services/hub/spaces";
import { showFailure, showToast } from "../../services/hub/toasts";
import { viewer } from "../../services/hub/viewer";
import { toggleTheme } from "../../services/theme";
import { TAB_NAMES } from "./space/tabs";
import "./palette.css";

interface Entry {
	group: (typeof GROUPS)[number];
	text: string;
	hint?: string;
	icon?: IconNode;
	emoji?: string;
	run: () => void;
}

const GROUPS = ["Spaces", "Pages", "Actions"] as const;
const DELAY_MS = 120;
const FOUND_MAX = 8;

const go = (to: string) => () => navigate(to);

function pages(view: View): Entry[] {
	const found: Entry[] = [{ group: "Pages", text: "All Spaces", icon: LayoutGrid, run: go(`${hubRoot}spaces`) }];
	if (viewer.value) found.push({ group: "Pages", text: "Your Spaces", hint: viewer.value.name, icon: User, run: go(addressOfOwner(viewer.value.name)) });
	if (viewer.value) found.push({ group: "Pages", text: "Settings", hint: "Account, organizations, tokens", icon: Settings, run: go(addressOfSettings("account")) });
	if (viewer.value?.isAdmin) found.push({ group: "Pages", text: "Administration", hint: "Users, tiers, machine", icon: ShieldCheck, run: go(addressOfAdmin("users")) });
	if (view.name === "space") {
		const tabs = SPACE_TABS.filter((tab) => tab !== "settings" || currentSpace.value?.canWrite);
		found.push(
			...tabs.map((tab): Entry => ({ group: "Pages", text: TAB_NAMES[tab], hint: view.id, icon: FileText, run: go(addressOfSpace(view.id, tab)) })),
		);
	}
	return found;
}

function actions(): Entry[] {
	const found: Entry[] = [{ group: "Actions", text: "Switch between dark and light", icon: Moon, run: toggleTheme }];
	const space = currentSpace.value;
	if (space?.canWrite) {
		const { id } = space;
		const after = (text: string) => () => showToast(text, id);
		found.push({ group: "Actions", text: "Restart this Space", hint: id, icon: RotateCcw, run: () => void restartSpace(id).then(after("It restarts"), showFailure) });
		found.push({ group: "Actions", text: "Pause this Space", hint: id, icon: CirclePause, run: () => void pauseSpace(id).then(after("It is paused"), showFailure) });
	}
	if (viewer.value?.writes) found.push({ group: "Actions", text: "New Space", icon: Plus, run: go(addressOfNew) });
	return found;
}

function recent(): Entry[] {
	return recentSpaces().map((id) => ({ group: "Spaces", text: id, hint: "Opened before", icon: Box, run: go(addressOfSpace(id)) }));
}

/** Those whose names have the words come first: others are found by their tags or descriptions. */
function byName(spaces: SpaceSummary[], query: string): SpaceSummary[] {
	const rank = (space: SpaceSummary) => (`${titleOf(space)} ${space.id}`.toLowerCase().includes(query.toLowerCase()) ? 0 : 1);
	return [...spaces].sort((a, b) => rank(a) - rank(b));
}

function matches(query: string): (entry: Entry) => boolean {
	const words = query.toLowerCase().split(/\s+/).filter(Boolean);
	return ({ text, hint = "" }) => words.every((word) => `${text} ${hint}`.toLowerCase().includes(word));
}

/** Spaces that the hub finds; those opened before while nothing is typed. Until it answers, those shown before that match. */
function useSpaces(query: string, open: boolean): Entry[] {
	const [found, setFound] = useState<{ by: string; spaces: Entry[] }>({ by: "", spaces: [] });
	useEffect(() => {
		if (!open) return undefined;
		if (!query) {
			setFound({ by: query, spaces: recent() });
			return undefined;
		}
		const stop = new AbortController();
		const timer = setTimeout(() => {
			getSpaces(pathOfList({ search: query, limit: FOUND_MAX }), stop.signal).then(
				({ spaces }) =>
					setFound({
						by: query,
						spaces: byName(spaces, query).map((space) => ({
							group: "Spaces",
							text: titleOf(space),
							hint: space.id,
							...(cardText(space, "emoji") ? { emoji: cardText(space, "emoji") } : { icon: Box }),
							run: go(addressOfSpace(space.id)),
						})),
					}),
				() => undefined, // the next letter asks again
			);
		}, DELAY_MS);
		return () => {
			clearTimeout(timer);
			stop.abort();
		};
	}, [query, open]);
	return found.by === query ? found.spaces : found.spaces.filter(matches(query));
}

interface Props {
	open: boolean;
	close: () => void;
	view: View;
}

export function Palette({ open, close, view }: Props) {
	const id = useId();
	const dialog = useRef<HTMLDialogElement>(null);
	const shown = useRef(false);
	const [query, setQuery] = useState("");
	const [chosen, setChosen] = useState(0);
	const spaces = useSpaces(query.trim(), open);
	const others = useMemo(() => (open ? [...pages(view), ...actions()] : []), [open, view, currentSpace.value, viewer.value]);
	const entries = [...spaces, ...others.filter(matches(query))];
	const at = Math.min(chosen, entries.length - 1);
	useEffect(() => {
		if (open) {
			setQuery("");
			setChosen(0);
			dialog.current?.showModal();
		} else dialog.current?.close();
		shown.current = open;
	}, [open]);
	useEffect(() => document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" }), [at]);
	const run = (entry: Entry | undefined) => {
		if (!entry) return;
		close();
		entry.run();
	};
	const onKeyDown = (event: KeyboardEvent) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (step !== undefined) {
			event.preventDefault();
			setChosen((at + step + entries.length) % Math.max(1, entries.length));
		} else if (event.key === "Enter") {
			event.preventDefault();
			run(entries[at]);
		}
	};
	return (
		<dialog
			ref={dialog}
			class="palette"
			aria-label="Search"
			onClose={() => shown.current && !dialog.current?.open && close()} // the event comes late: the palette may be about to open again
			onMouseDown={(event) => event.target === dialog.current && dialog.current?.close()}
		>
			{open && (
				<>
					<div class="query">
						<Icon of={Search} size={20} />
						<input
							role="combobox"
							aria-label="Search Spaces, pages and actions"
							aria-expanded="true"
							aria-controls={`${id}-list`}
							aria-activedescendant={entries.length ? `${id}-${at}` : undefined}
							autofocus
							autocomplete="off"
							spellcheck={false}
							dir="auto"
							placeholder="Search Spaces, pages and actions"
							value={query}
							onInput={(event) => {
								setQuery(event.currentTarget.value);
								setChosen(0);
							}}
							onKeyDown={onKeyDown}
						/>
						<kbd>Esc</kbd>
					</div>
					<div id={`${id}-list`} class="found" role="listbox" aria-label="Results">
						{GROUPS.filter((group) => entries.some((entry) => entry.group === group)).map((group) => (
							<div key={group} role="group" aria-label={group}>
								<p class="group" aria-hidden="true">
									{group}
								</p>
								{entries.map(
									(entry, index) =>
										entry.group === group && (
											<div
												key={`${entry.text} ${entry.hint}`}
												id={`${id}-${index}`}
												role="option"
												aria-selected={index === at}
												class="entry"
												onPointerMove={() => setChosen(index)}
												onClick={() => run(entry)}
											>
												{entry.icon ? (
													<Icon of={entry.icon} />
												) : (
													<span class="emoji" aria-hidden="true">
														{entry.emoji}
													</span>
												)}
												<span dir="auto">{entry.text}</span>
												{entry.hint && <small>{entry.hint}</small>}
											</div>
										),
								)}
							</div>
						))}
					</div>
					{!entries.length && <p class="empty nothing">Nothing matches “{query}”.</p>}
				</>
			)}
		</dialog>
	);
}
