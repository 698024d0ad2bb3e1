/** Dark or light: the system's choice, or the visitor's on this page. */

import { effect, signal } from "@preact/signals";
import { THEME_MESSAGE } from "./frame_messages";
import { readStored, writeStored } from "./storage";

const KEY = "spaceport-theme";
const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

function parseTheme(text: string | null): Theme | undefined {
	return THEMES.find((name) => name === text);
}

/** The address comes before the visitor's stored choice, and does not replace it; the author's choice comes last. */
const requested = parseTheme(new URLSearchParams(location.search).get("__theme"));

export const theme = signal<Theme>(requested ?? parseTheme(readStored(KEY)) ?? parseTheme(document.documentElement.dataset.theme ?? null) ?? "auto");

effect(() => {
	document.documentElement.dataset.theme = theme.value;
});

/** What is shown now. */
export function shownTheme(): "light" | "dark" {
	if (theme.value !== "auto") return theme.value;
	return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

addEventListener("message", ({ source, data }: MessageEvent<Record<string, unknown> | null>) => {
	const told = source === parent && parent !== window ? parseTheme(String(data?.[THEME_MESSAGE] ?? "")) : undefined;
	if (told) theme.value = told;
});

export function toggleTheme(): void {
	theme.value = shownTheme() === "dark" ? "light" : "dark";
	writeStored(KEY, theme.value);
}
