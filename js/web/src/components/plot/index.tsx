/** A figure: a picture of matplotlib, or one that plotly, altair or bokeh draws. Their libraries are loaded when needed. */

import type { Kind, OutputProps } from "../kind";
import { theme } from "../../services/theme";
import { useDrawing } from "../../views/usedrawing";
import { Tree } from "../json";
import type { Draw } from "./draw";
import "./style.css";

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

function LibraryFigure({ type, text, label }: { type: string; text: string; label: string }) {
	const [element, problem] = useDrawing<HTMLDivElement>([type, text, theme.value], async (parent) => {
		const load = DRAWN[type];
		if (!load) throw new Error(`figures of ${type} are not supported`);
		return (await load()).draw(parent, parsed(text) as object, label);
	});
	if (problem) return <Data text={text} why={`The figure cannot be drawn here (${problem}). Its data:`} />;
	return <div class="drawn" role="figure" aria-label={label} ref={element} />;
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
	if (!own.plot) return <p class="empty">No figure</p>;
	if (own.plot.startsWith("data:image/")) return <img class="figure-picture" src={own.plot} alt={field.label} />;
	return <LibraryFigure type={own.type ?? ""} text={own.plot} label={field.label} />;
}

export default { types: ["plot"], output: Output } satisfies Kind;
