/** Parts of a long page are drawn one after another while the browser is idle; one that comes near the view is drawn at once. */

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { whenIdle } from "../services/idle";

const NEAR = "300px";
const waiting = new Set<() => void>();
let scheduled = false;

function schedule(): void {
	if (scheduled || !waiting.size) return;
	scheduled = true;
	whenIdle(() => {
		scheduled = false;
		const [next] = waiting;
		next?.();
		schedule();
	});
}

/** Whether an element has been near the view. */
export function useNear(element: RefObject<Element | null>): boolean {
	const [near, setNear] = useState(false);
	useEffect(() => {
		if (near || !element.current) return undefined;
		const watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && setNear(true), { rootMargin: NEAR });
		watcher.observe(element.current);
		return () => watcher.disconnect();
	}, [near]);
	return near;
}

/** Whether the content of `element` is to be drawn. `now`: without waiting. */
export function useDrawn(element: RefObject<Element | null>, now: boolean): boolean {
	const near = useNear(element);
	const [reached, setReached] = useState(now);
	const drawn = reached || near;
	useEffect(() => {
		if (drawn) return undefined;
		const draw = () => {
			waiting.delete(draw);
			setReached(true);
		};
		waiting.add(draw);
		schedule();
		return () => {
			waiting.delete(draw);
		};
	}, [drawn]);
	return drawn;
}
