// What benchmarks/pages.py reads of a page: its paints, shifts and requests, how long interactions take, its frames.
(() => {
	const watched = { selector: "", interactions: [], ready: 0, largest: 0, element: "", shift: 0, rhythm: undefined };
	window.watched = watched;
	const observe = (type, take, options = {}) =>
		new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...options });
	observe("largest-contentful-paint", (entry) => {
		watched.largest = entry.startTime;
		watched.element = `${entry.element?.localName}.${entry.element?.className} ${entry.element?.textContent.slice(0, 40)}`;
	});
	observe("layout-shift", (entry) => {
		if (!entry.hadRecentInput) watched.shift += entry.value;
	});
	observe("event", (entry) => entry.interactionId && watched.interactions.push(entry.duration), { durationThreshold: 16 });
	const changes = new MutationObserver(() => {
		if (!watched.selector || !document.querySelector(watched.selector)) return;
		watched.ready = performance.now();
		changes.disconnect();
	});
	changes.observe(document, { childList: true, subtree: true });
	/** What is known once the page is there. */
	watched.load = () => {
		const files = performance.getEntriesByType("resource");
		const [own] = performance.getEntriesByType("navigation");
		return {
			first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
			largest: watched.largest,
			ready: watched.ready,
			shift: watched.shift,
			requests: files.length + 1,
			bytes: [own, ...files].reduce((sum, one) => sum + one.encodedBodySize, 0),
			element: watched.element,
		};
	};
	/** Begins to note the time between frames; the second call returns what was noted. */
	watched.frames = () => {
		const noted = watched.rhythm;
		if (noted) {
			watched.rhythm = undefined;
			return noted;
		}
		const rhythm = (watched.rhythm = []);
		let last = performance.now();
		const note = (now) => {
			if (watched.rhythm !== rhythm) return;
			rhythm.push(now - last);
			last = now;
			requestAnimationFrame(note);
		};
		requestAnimationFrame(note);
		return undefined;
	};
})();
