/** The bar of every page: home, search, a new Space, the theme, and who one is. */

import { Moon, Plus, Search, Sun } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { IconButton } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { hubRoot } from "../../services/hub/http";
import { addressOfNew, type View } from "../../services/hub/router";
import { viewer } from "../../services/hub/viewer";
import { shownTheme, toggleTheme } from "../../services/theme";
import { lazy } from "../../views/lazy";
import { AccountMenu } from "./account";

const Palette = lazy(async () => (await import("./palette")).Palette);

export function Bar({ view }: { view: View }) {
	const [searching, setSearching] = useState(false);
	const [searched, setSearched] = useState(false);
	useEffect(() => {
		const onKeyDown = (event: KeyboardEvent) => {
			if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
			event.preventDefault();
			setSearching((open) => !open);
		};
		addEventListener("keydown", onKeyDown);
		return () => removeEventListener("keydown", onKeyDown);
	}, []);
	useEffect(() => {
		if (searching) setSearched(true);
	}, [searching]);
	const writes = viewer.value?.writes ?? false;
	return (
		<header class="bar">
			<a class="home" href={hubRoot} aria-label="Spaceport, all Spaces">
				<Logo />
				<span>Spaceport</span>
			</a>
			<button type="button" class="search-button" aria-keyshortcuts="Control+K" onClick={() => setSearching(true)}>
				<Icon of={Search} />
				<span>Search Spaces, pages and actions</span>
				<kbd>Ctrl K</kbd>
			</button>
			<nav aria-label="Account">
				{writes && (
					<a class="button small" href={addressOfNew} aria-label="New Space">
						<Icon of={Plus} />
						New
					</a>
				)}
				<IconButton label="Dark or light" icon={shownTheme() === "dark" ? Sun : Moon} size={20} onClick={toggleTheme} />
				<AccountMenu />
			</nav>
			{searched && <Palette open={searching} close={() => setSearching(false)} view={view} />}
		</header>
	);
}

function Logo() {
	return (
		<svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
			<rect width="32" height="32" rx="8" fill="var(--accent-solid)" />
			<path
				d="M16 5c4 3 6 8 6 12l-3 4h-6l-3-4c0-4 2-9 6-12zm-5 17-3 5m13-5 3 5"
				fill="none"
				stroke="white"
				stroke-width="2.4"
				stroke-linejoin="round"
				stroke-linecap="round"
			/>
		</svg>
	);
}
