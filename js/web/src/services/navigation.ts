/** How the browser came to this page. */

/** Whether the visitor reloaded the page or came back to it. */
export function wasReloaded(): boolean {
	const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
	return entry?.type === "reload" || entry?.type === "back_forward";
}
