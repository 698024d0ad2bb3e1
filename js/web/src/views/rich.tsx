/** The author's Markdown or HTML, sanitized before it is shown. What that takes is loaded when there is some. */

import { useEffect, useRef } from "preact/hooks";
import "./rich.css";

/** A text that grows is drawn at most this often. */
const DRAWN_MS = 60;

export function Rich({ markdown, html }: { markdown?: string; html?: string }) {
	const element = useRef<HTMLDivElement>(null);
	const newest = useRef({ markdown, html });
	const drawing = useRef(false);
	const alive = useRef(true);
	newest.current = { markdown, html };
	useEffect(() => {
		const show = async () => {
			drawing.current = true;
			const { draw } = await import("./markdown");
			for (let drawn: unknown; drawn !== newest.current && alive.current; ) {
				drawn = newest.current;
				const content = await draw(newest.current);
				if (alive.current) element.current?.replaceChildren(content);
				await new Promise((done) => setTimeout(done, DRAWN_MS));
			}
			drawing.current = false;
		};
		if (!drawing.current) void show();
	}, [markdown, html]);
	useEffect(
		() => () => {
			alive.current = false;
		},
		[],
	);
	return <div class="rich" dir="auto" ref={element} />;
}
