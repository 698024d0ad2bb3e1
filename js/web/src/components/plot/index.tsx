/** A figure: of matplotlib as a picture; of plotly drawn, by what is loaded then; of others as its data. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Kind, OutputProps } from "../kind";
import { Tree } from "../json";

interface Figure {
	type?: string;
	plot?: string;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function Drawn({ text, label }: { text: string; label: string }) {
	const place = useRef<HTMLDivElement>(null);
	const [problem, setProblem] = useState("");
	useEffect(() => {
		let close: (() => void) | undefined;
		let gone = false;
		void import("./draw").then(async ({ draw }) => {
			if (gone || !place.current) return;
			try {
				close = await draw(place.current, parsed(text));
				setProblem("");
			} catch (error) {
				setProblem((error as Error).message);
			}
		});
		return () => {
			gone = true;
			close?.();
		};
	}, [text]);
	if (problem) return <Data text={text} why={`It cannot be drawn here (${problem}): its data`} />;
	return <div class="drawn" role="img" aria-label={label} ref={place} />;
}

function Data({ text, why }: { text: string; why: string }) {
	return (
		<>
			<p>
				<small>{why}</small>
			</p>
			<div class="tree">
				<Tree value={parsed(text)} />
			</div>
		</>
	);
}

function Output({ field, value }: OutputProps) {
	const own = (value ?? {}) as Figure;
	if (!own.plot) return <p class="nothing">No figure</p>;
	if (own.plot.startsWith("data:image/")) return <img class="figure-picture" src={own.plot} alt={field.label} />;
	if (own.type === "plotly") return <Drawn text={own.plot} label={field.label} />;
	return <Data text={own.plot} why={`A figure of ${own.type}: its data`} />;
}

export default { types: ["plot"], output: Output } satisfies Kind;
