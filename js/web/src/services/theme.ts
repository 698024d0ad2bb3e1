/** Dark or light: the system's choice, or the visitor's on this page. */

import { effect, signal } from "@preact/signals";
import { readStored, writeStored } from "./storage";

const KEY = "spaceport-theme";
/** The key of the message by which the hub tells an app in its frame the theme. */
export const THEME_MESSAGE = "spaceport-theme";
const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

function parseTheme(text: string | null): Theme | undefined {
	return THEMES.find((name) => name === text);
}

/** The address comes before the visitor's stored choice, and does not replace it. */
const requested = parseTheme(new URLSearchParams(location.search).get("__theme"));

export const theme = signal<Theme>(requested ?? parseTheme(readStored(KEY)) ?? "auto");

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
