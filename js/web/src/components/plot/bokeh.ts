/** Figures of bokeh, drawn by the library that the Space has. It gets a frame, because it needs style elements and eval. */

import { exists } from "../../services/files";
import { colours, type Draw } from "./draw";

const FRAME = "../bokeh/frame";

interface Model {
	type?: unknown;
	name?: unknown;
	attributes?: Record<string, unknown>;
}

/** What the models of a figure look like on the page, where the author says nothing else. */
function looks(text: string, line: string): Record<string, Record<string, unknown>> {
	const axis = { axis_label_text_color: text, major_label_text_color: text, axis_line_color: line, major_tick_line_color: line, minor_tick_line_color: line };
	const legend = { background_fill_color: null, border_line_color: line, label_text_color: text, title_text_color: text };
	return {
		Figure: { background_fill_color: null, border_fill_color: null, outline_line_color: line },
		Title: { text_color: text },
		LinearAxis: axis,
		LogAxis: axis,
		CategoricalAxis: axis,
		DatetimeAxis: axis,
		MercatorAxis: axis,
		Grid: { grid_line_color: line },
		Legend: legend,
		ColorBar: { background_fill_color: null, major_label_text_color: text, title_text_color: text },
	};
}

/** Gives the models in a figure's JSON the page's colours. */
function dress(figure: object, text: string, line: string): void {
	const known = looks(text, line);
	for (const waiting: unknown[] = [figure]; waiting.length; ) {
		const part = waiting.pop();
		if (typeof part !== "object" || part === null) continue;
		const model = part as Model;
		const look = model.type === "object" && typeof model.name === "string" && Object.hasOwn(known, model.name) ? known[model.name] : undefined;
		if (look) model.attributes = { ...look, ...model.attributes };
		for (const one of Object.values(part)) if (typeof one === "object") waiting.push(one);
	}
}

export const draw: Draw = async (parent, figure, label) => {
	const address = new URL(FRAME, import.meta.url);
	if (!(await exists(address))) throw new Error("bokeh is not installed on the server of this page");
	const { text, line } = colours(parent);
	dress(figure, text, line);
	const frame = document.createElement("iframe");
	frame.title = label;
	frame.sandbox.add("allow-scripts");
	return new Promise((done, failed) => {
		const close = () => {
			removeEventListener("message", hear);
			frame.remove();
		};
		const hear = ({ source, data }: MessageEvent<{ ready?: true; height?: number; problem?: string }>) => {
			if (source !== frame.contentWindow) return;
			if (data.ready) frame.contentWindow?.postMessage(figure, "*"); // its origin has no name
			if (data.height) {
				frame.style.height = `${data.height}px`;
				done(close);
			}
			if (data.problem) {
				close();
				failed(new Error(data.problem));
			}
		};
		addEventListener("message", hear);
		frame.src = address.href;
		parent.append(frame);
	});
};
