/** Slow work that follows from what the visitor does comes after the page has shown that it was done. */

import { useEffect, useState } from "preact/hooks";

/** A value as it was when the page was last painted. */
export function useAfterPaint<T>(value: T): T {
	const [painted, setPainted] = useState(value);
	useEffect(() => setPainted(() => value), [value]);
	return painted;
}
