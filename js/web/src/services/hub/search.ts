/** The directory's search. No I/O in here. */

import type { SpaceSummary } from "./spaces";

/** Spaces that have every word of `query` in their id, title, description or tags. */
export function searchSpaces(spaces: SpaceSummary[], query: string): SpaceSummary[] {
	const words = normalize(query).split(/\s+/).filter(Boolean);
	return words.length ? spaces.filter((space) => words.every((word) => textOf(space).includes(word))) : spaces;
}

function textOf({ id, cardData, tags }: SpaceSummary): string {
	return normalize([id, cardData.title, cardData.short_description, ...tags].filter(Boolean).join("\n"));
}

/** The text without case and accents. */
function normalize(text: string): string {
	return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
