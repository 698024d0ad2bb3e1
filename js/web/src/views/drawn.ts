/** What a library draws into an element of the page. */

import { useEffect, useRef, useState } from "preact/hooks";

/** Draws again when `what` changes, one after the other. Gives the place to draw in, and what went wrong, or "". */
export function useDrawn<E extends HTMLElement>(what: unknown[], draw: (place: E) => Promise<() => void>) {
	const place = useRef<E>(null);
	const last = useRef(Promise.resolve());
	const [problem, setProblem] = useState("");
	const [round, setRound] = useState(0);
	useEffect(() => {
		if (!place.current) {
			setProblem(""); // the place is shown again, and then drawn in
			setRound(round + 1);
			return;
		}
		const at = place.current;
		let close: (() => void) | undefined;
		let gone = false;
		const start = async () => {
			if (gone) return;
			try {
				close = await draw(at);
				if (gone) close();
			} catch (error) {
				setProblem((error as Error).message);
			}
		};
		last.current = last.current.then(start);
		return () => {
			gone = true;
			close?.();
		};
	}, [...what, round]);
	return [place, problem] as const;
}
