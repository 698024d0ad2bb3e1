/** A figure: of matplotlib as a picture; of plotly, altair and bokeh drawn by their own libraries, loaded then. */

import type { Kind, OutputProps } from "../kind";
import { useDrawn } from "../../views/drawn";
import { Tree } from "../json";
import type { Draw } from "./draw";

interface Figure {
	type?: string;
	plot?: string;
}

const DRAWN: Record<string, () => Promise<{ draw: Draw }>> = {
	altair: () => import("./altair"),
	bokeh: () => import("./bokeh"),
	plotly: () => import("./plotly"),
};

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function Drawn({ type, text, label }: { type: string; text: string; label: string }) {
	const [place, problem] = useDrawn<HTMLDivElement>([type, text], async (at) => {
		const load = DRAWN[type];
		if (!load) throw new Error(`a figure of ${type}`);
		return (await load()).draw(at, parsed(text) as object, label);
	});
	if (problem) return <Data text={text} why={`It cannot be drawn here (${problem}): its data`} />;
	return <div class="drawn" role="figure" aria-label={label} ref={place} />;
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
	return <Drawn type={own.type ?? ""} text={own.plot} label={field.label} />;
}

export default { types: ["plot"], output: Output } satisfies Kind;
