/** Times and numbers as people say them. */

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
	["year", 31_536_000],
	["month", 2_592_000],
	["week", 604_800],
	["day", 86_400],
	["hour", 3600],
	["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** "3 hours ago". `at` in milliseconds since the epoch. */
export function agoText(at: number, now = Date.now()): string {
	const seconds = (at - now) / 1000;
	for (const [unit, length] of UNITS) if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
	return "just now";
}

export const dateText = (at: number) => exact.format(at);

/** "1.2K". */
export const countText = (count: number) => compact.format(count);

/** "1:05", of a sound. */
export const clockText = (seconds: number) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** "350 ms", "1.4 s", "2 min 5 s", "3 h 2 min". */
export function durationText(seconds: number): string {
	if (seconds < 0.0095) return `${(seconds * 1000).toFixed(1)} ms`;
	if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
	if (seconds < 59.95) return `${Number(seconds.toFixed(1))} s`;
	const whole = Math.round(seconds);
	if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
	return `${Math.floor(whole / 3600)} h${whole % 3600 >= 60 ? ` ${Math.floor((whole % 3600) / 60)} min` : ""}`;
}
