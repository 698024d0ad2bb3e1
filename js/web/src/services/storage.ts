/** Values that this browser keeps. A page that may keep nothing (private mode, a sandboxed frame) works without. */

import { effect, signal, type Signal } from "@preact/signals";

type Area = "localStorage" | "sessionStorage";

function storage(area: Area): Storage | undefined {
	try {
		return window[area];
	} catch {
		return undefined;
	}
}

export function readStored(key: string, area: Area = "localStorage"): string | null {
	return storage(area)?.getItem(key) ?? null;
}

/** Does nothing where the browser refuses (no room, not allowed). */
export function writeStored(key: string, text: string, area: Area = "localStorage"): void {
	try {
		storage(area)?.setItem(key, text);
	} catch {
		// the value lasts as long as the page
	}
}

/** A signal whose value outlives the page; in `sessionStorage` it lasts as long as the tab. */
export function persistentSignal(key: string, initial: string, area: Area = "localStorage"): Signal<string> {
	const found = signal(readStored(key, area) ?? initial);
	effect(() => writeStored(key, found.value, area));
	return found;
}
