/** Dark or light: as the system has it, or as somebody chose here. */

import { effect, signal } from "@preact/signals";

const KEY = "spaceport-theme";
export type Theme = "auto" | "light" | "dark";

function kept(): Theme {
	const asked = new URLSearchParams(location.search).get("__theme");
	try {
		return (asked ?? localStorage.getItem(KEY) ?? "auto") as Theme;
	} catch {
		return "auto"; // a page that may keep nothing
	}
}

export const theme = signal<Theme>(kept());

effect(() => {
	document.documentElement.dataset.theme = theme.value;
	try {
		localStorage.setItem(KEY, theme.value);
	} catch {
		// it lasts as long as the page
	}
});

export function turn(): void {
	const dark = theme.value === "dark" || (theme.value === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
	theme.value = dark ? "light" : "dark";
}
