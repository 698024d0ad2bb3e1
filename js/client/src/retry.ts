/** How long to wait before the next try. */

/** The milliseconds until the next try, doubled with each, shortened by chance so that many clients do not come back together. */
export function backoff(attempt: number, first = 200, most = 10_000): number {
	return Math.min(most, first * 2 ** attempt) * (0.5 + Math.random() / 2);
}

/** Resolves after a while, or at once when `signal` is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const done = () => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", done);
			resolve();
		};
		const timer = setTimeout(done, signal?.aborted ? 0 : ms);
		signal?.addEventListener("abort", done);
	});
}
