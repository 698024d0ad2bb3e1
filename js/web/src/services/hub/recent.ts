/** The Spaces that this browser opened last, newest first. */

import { readStored, writeStored } from "../storage";

const KEY = "spaceport-recent-spaces";
const KEPT = 8;

export function recentSpaces(): string[] {
	try {
		const found: unknown = JSON.parse(readStored(KEY) ?? "[]");
		return Array.isArray(found) ? found.filter((one): one is string => typeof one === "string" && /^[^/]+\/[^/]+$/.test(one)).slice(0, KEPT) : [];
	} catch {
		return [];
	}
}

export function rememberSpace(id: string): void {
	writeStored(KEY, JSON.stringify([id, ...recentSpaces().filter((one) => one !== id)].slice(0, KEPT)));
}
