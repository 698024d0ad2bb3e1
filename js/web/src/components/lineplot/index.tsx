/** Lines, bars and points of a table. The library that draws them is loaded when needed. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Kind, OutputProps } from "../kind";
import type { Series } from "./chart";
import "./style.css";

const HEIGHT_PX = 280;

function Output({ field, value }: OutputProps) {
	const element = useRef<HTMLDivElement>(null);
	const series = value as Series | null;
	const [problem, setProblem] = useState("");
	useEffect(() => {
		if (!series?.data?.length) return;
		let close: (() => void) | undefined;
		let gone = false;
		const show = async () => {
			const { draw } = await import("./chart");
			if (!gone && element.current) close = draw(element.current, series, field, HEIGHT_PX);
		};
		show().catch((error: Error) => setProblem(error.message));
		return () => {
			gone = true;
			close?.();
		};
	}, [value]);
	if (!series?.data?.length) return <p class="empty">No data to draw</p>;
	if (problem) return <p class="empty">It cannot be shown here ({problem}).</p>;
	return <div class="chart" role="img" aria-label={`${field.label}: ${series.data.length} values`} ref={element} />;
}

export default { types: ["lineplot", "barplot", "scatterplot"], output: Output } satisfies Kind;
