/** A Space's emoji on the colours of its README. */

import { cardText, type SpaceSummary } from "../../services/hub/spaces";

/** The names that a README may give, as colours of Radix' scales: the ends of a gradient. */
const COLOURS: Record<string, string> = {
	red: "#e5484d",
	yellow: "#f5d90a",
	green: "#46a758",
	blue: "#0090ff",
	indigo: "#3e63dd",
	purple: "#8e4ec6",
	pink: "#d6409f",
	gray: "#8b8d98",
};
const NAMES = Object.keys(COLOURS).filter((name) => name !== "gray");

/** For a Space that names none: always the same. */
function ownColour(id: string, step: number): string {
	let sum = 0;
	for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) >>> 0;
	return NAMES[(sum + step) % NAMES.length] ?? "gray";
}

export function Tile({ space, class: own = "" }: { space: SpaceSummary; class?: string }) {
	const from = COLOURS[cardText(space, "colorFrom")] ?? COLOURS[ownColour(space.id, 0)];
	const to = COLOURS[cardText(space, "colorTo")] ?? COLOURS[ownColour(space.id, 1)];
	const emoji = cardText(space, "emoji") || (space.id.split("/")[1] ?? "").slice(0, 1).toUpperCase();
	return (
		<div class={`tile ${own}`} style={{ "--from": from, "--to": to }} aria-hidden="true">
			<span>{emoji.slice(0, 8)}</span>
		</div>
	);
}
