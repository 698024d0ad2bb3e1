/** What a person chose, kept in this browser; secrets only while the tab is open. */

import { effect, signal, type Signal } from "@preact/signals";

export function remembered(key: string, first: string, where: "localStorage" | "sessionStorage" = "localStorage"): Signal<string> {
	let store: Storage | undefined;
	try {
		store = window[where];
	} catch {
		// a page that may keep nothing
	}
	const found = signal(store?.getItem(key) ?? first);
	effect(() => store?.setItem(key, found.value));
	return found;
}
