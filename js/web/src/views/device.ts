/** A browser's `User-Agent` in words. */

const BROWSERS: [RegExp, string][] = [
	[/\bEdg(?:e|A|iOS)?\//, "Edge"],
	[/\bOPR\//, "Opera"],
	[/\bSamsungBrowser\//, "Samsung Internet"],
	[/\bFirefox\/|\bFxiOS\//, "Firefox"],
	[/\b(?:Headless)?Chrom(?:e|ium)\/|\bCriOS\//, "Chrome"],
	[/\bSafari\//, "Safari"],
	[/^curl\//, "curl"],
	[/^python-|^Python\//, "Python"],
];
const SYSTEMS: [RegExp, string][] = [
	[/\biPhone\b/, "iPhone"],
	[/\biPad\b/, "iPad"],
	[/\bAndroid\b/, "Android"],
	[/\bWindows\b/, "Windows"],
	[/\bMac OS X\b|\bMacintosh\b/, "macOS"],
	[/\bCrOS\b/, "ChromeOS"],
	[/\bLinux\b/, "Linux"],
];
const SHOWN_MAX = 60;

const nameIn = (list: [RegExp, string][], text: string) => list.find(([pattern]) => pattern.test(text))?.[1];

/** "Firefox on Linux"; the text itself where no browser is known by it. */
export function deviceText(agent: string): string {
	const browser = nameIn(BROWSERS, agent);
	const system = nameIn(SYSTEMS, agent);
	if (browser && system) return `${browser} on ${system}`;
	return browser ?? system ?? (agent.slice(0, SHOWN_MAX) || "Unknown device");
}

/** Whether it is a telephone or a tablet. */
export const isMobile = (agent: string) => /\biPhone\b|\biPad\b|\bAndroid\b|\bMobile\b/.test(agent);
