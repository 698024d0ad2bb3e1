/** The texts that a table is filtered by, made while the browser has nothing else to do: the first letter finds them made. */

import { useEffect, useMemo } from "preact/hooks";
import { searchText } from "./table";

/** Shorter tables are read when they are filtered. */
const MANY = 1000;
const LEFT_MS = 2;
const AT_ONCE = 100;

/** Returns the texts of all rows, of which it makes those that are missing. */
export function useSearchTexts(rows: unknown[][]): () => string[] {
	const texts = useMemo((): string[] => [], [rows]);
	const makeUntil = (end: number) => {
		while (texts.length < end) texts.push(searchText(rows[texts.length] as unknown[]));
	};
	useEffect(() => {
		if (rows.length < MANY || !("requestIdleCallback" in window)) return undefined; // Safari has none
		const prepare = (time: IdleDeadline) => {
			while (texts.length < rows.length && time.timeRemaining() > LEFT_MS) makeUntil(Math.min(texts.length + AT_ONCE, rows.length));
			if (texts.length < rows.length) next = requestIdleCallback(prepare);
		};
		let next = requestIdleCallback(prepare);
		return () => cancelIdleCallback(next);
	}, [rows]);
	return () => {
		makeUntil(rows.length);
		return texts;
	};
}
