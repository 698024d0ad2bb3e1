/** Work that waits until the browser has nothing else to do, for half a second at most. */

const LATEST_MS = 500;
/** Safari cannot say when it is idle. */
const PAUSE_MS = 50;

/** Returns what takes the work back. */
export function whenIdle(work: () => void): () => void {
	if (!("requestIdleCallback" in window)) {
		const timer = setTimeout(work, PAUSE_MS);
		return () => clearTimeout(timer);
	}
	const request = requestIdleCallback(work, { timeout: LATEST_MS });
	return () => cancelIdleCallback(request);
}
