/** An element of the page that a library draws into. */

import { useEffect, useRef, useState } from "preact/hooks";

/**
 * Draws again when an entry of `inputs` changes, one drawing after the other. Returns the ref of the element to draw in
 * and the message of the error that stopped the drawing, or "".
 */
export function useDrawing<E extends HTMLElement>(inputs: unknown[], draw: (element: E) => Promise<() => void>) {
	const element = useRef<E>(null);
	const previous = useRef(Promise.resolve());
	const [problem, setProblem] = useState("");
	const [round, setRound] = useState(0);
	useEffect(() => {
		if (!element.current) {
			setProblem(""); // the element is shown again, and then drawn in
			setRound(round + 1);
			return;
		}
		const target = element.current;
		let close: (() => void) | undefined;
		let closed = false;
		const start = async () => {
			if (closed) return;
			try {
				close = await draw(target);
				if (closed) close();
			} catch (error) {
				setProblem((error as Error).message);
			}
		};
		previous.current = previous.current.then(start);
		return () => {
			closed = true;
			close?.();
		};
	}, [...inputs, round]);
	return [element, problem] as const;
}
