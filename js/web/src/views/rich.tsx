/** The author's Markdown or HTML, sanitized before it is shown. What that takes is loaded when there is some. */

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { isOneLine, isPlainText, withoutMarks } from "./plaintext";
import "./rich.css";

/** A text that grows is drawn at most this often. */
const DRAWN_MS = 60;

const prepared = new Map<string, DocumentFragment>();

/** Draws a text before it is shown, unless it takes the room of its first line anyway: nothing moves when it comes. */
export async function prepareRich(markdown: string): Promise<void> {
	if (isOneLine(markdown)) return;
	const { draw } = await import("./markdown");
	prepared.set(markdown, await draw({ markdown }));
}

function paragraph(text: string): HTMLElement {
	const element = document.createElement("p");
	element.textContent = text;
	return element;
}

export function Rich({ markdown, html }: { markdown?: string; html?: string }) {
	const element = useRef<HTMLDivElement>(null);
	const newest = useRef({ markdown, html });
	const drawing = useRef(false);
	const alive = useRef(true);
	/** The Markdown that is shown as it will stay. */
	const complete = useRef<string | undefined>(undefined);
	newest.current = { markdown, html };
	useLayoutEffect(() => {
		if (markdown === undefined || !element.current) return;
		const found = prepared.get(markdown);
		const plain = isPlainText(markdown);
		if (found) element.current.replaceChildren(found);
		else if (plain || (isOneLine(markdown) && !element.current.hasChildNodes())) element.current.replaceChildren(paragraph(withoutMarks(markdown)));
		prepared.delete(markdown);
		complete.current = found || plain ? markdown : undefined;
	}, [markdown]);
	useEffect(() => {
		if (markdown !== undefined && complete.current === markdown) return;
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
