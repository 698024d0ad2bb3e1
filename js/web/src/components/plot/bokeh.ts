/** bokeh: by its own library, as the Space has it, in a frame: it needs style elements and, for callbacks, eval. */

import type { Draw } from "./draw";

const FRAME = "../bokeh/frame";

export const draw: Draw = async (parent, figure, label) => {
	const address = new URL(FRAME, import.meta.url);
	const there = await fetch(address);
	if (!there.ok) throw new Error("bokeh is not installed at the server of this page");
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
