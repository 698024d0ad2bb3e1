/** Lines, bars and points of a table. The library that draws them is loaded when needed. */

import { useEffect, useRef } from "preact/hooks";
import type { Kind, OutputProps } from "../kind";
import type { Series } from "./chart";
import "./style.css";

const HEIGHT_PX = 280;

function Output({ field, value }: OutputProps) {
	const element = useRef<HTMLDivElement>(null);
	const series = value as Series | null;
	useEffect(() => {
		if (!series?.data?.length) return;
		let close: (() => void) | undefined;
		let gone = false;
		void import("./chart").then(({ draw }) => {
			if (!gone && element.current) close = draw(element.current, series, field, HEIGHT_PX);
		});
		return () => {
			gone = true;
			close?.();
		};
	}, [value]);
	if (!series?.data?.length) return <p class="empty">No data to draw</p>;
	return <div class="chart" role="img" aria-label={`${field.label}: ${series.data.length} values`} ref={element} />;
}

export default { types: ["lineplot", "barplot", "scatterplot"], output: Output } satisfies Kind;
