/** Rows of a long table: only those that can be seen are in the page. */

import { useEffect, useRef, useState } from "preact/hooks";

/** Tables up to this length are shown whole. */
export const WHOLE_MAX = 100;
/** Rows of long tables have one line; `.table.long` says so too. */
const ROW_PX = 34;
const SPARE_ROWS = 15;

export interface VirtualRows {
	/** The element that scrolls. */
	scroller: { current: HTMLDivElement | null };
	/** The rows to draw: from `first` to before `end`. */
	first: number;
	end: number;
	/** Room for the rows above and below, in pixels. */
	before_px: number;
	after_px: number;
}

export function useVirtualRows(count: number): VirtualRows {
	const scroller = useRef<HTMLDivElement>(null);
	const [top, setTop] = useState(0);
	const long = count > WHOLE_MAX;
	useEffect(() => {
		const element = scroller.current;
		if (!element || !long) return;
		let frame = 0;
		const onScroll = () => {
			cancelAnimationFrame(frame);
			frame = requestAnimationFrame(() => setTop(Math.floor(element.scrollTop / ROW_PX)));
		};
		element.addEventListener("scroll", onScroll, { passive: true });
		return () => {
			cancelAnimationFrame(frame);
			element.removeEventListener("scroll", onScroll);
		};
	}, [long]);
	if (!long) return { scroller, first: 0, end: count, before_px: 0, after_px: 0 };
	const visible = Math.ceil((scroller.current?.clientHeight || 600) / ROW_PX);
	const first = Math.max(0, Math.min(top, count - visible) - SPARE_ROWS);
	const end = Math.min(count, first + visible + 2 * SPARE_ROWS);
	return { scroller, first, end, before_px: first * ROW_PX, after_px: (count - end) * ROW_PX };
}
