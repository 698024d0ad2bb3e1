/** Figures of bokeh, drawn by the library that the Space has. It gets a frame, because it needs style elements and eval. */

import { exists } from "../../services/files";
import type { Draw } from "./draw";

const FRAME = "../bokeh/frame";

export const draw: Draw = async (parent, figure, label) => {
	const address = new URL(FRAME, import.meta.url);
	if (!(await exists(address))) throw new Error("bokeh is not installed on the server of this page");
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
