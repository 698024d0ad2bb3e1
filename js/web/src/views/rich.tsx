/** The author's Markdown or HTML, sanitized before it is shown. What that takes is loaded when there is some. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { isOneLine, isPlainText, withoutMarks } from "./plaintext";
import "./rich.css";

/** A text that grows is drawn at most this often. */
const DRAWN_MS = 60;

const prepared = new Map<string, DocumentFragment>();

/** Draws a text before it is shown, unless it takes the room of its first line anyway: nothing moves when it comes. */
export async function prepareRich(markdown: string): Promise<void> {
	if (isOneLine(markdown)) return;
	try {
		const { draw } = await import("./markdown");
		prepared.set(markdown, await draw({ markdown }));
	} catch {
		// what cannot be prepared is shown as it is
	}
}

/** What is shown already stays: it is not painted again. */
function showLine(element: HTMLElement, text: string): void {
	const [first, ...more] = element.children;
	if (first?.localName === "p" && !more.length && !first.children.length && first.textContent === text) return;
	const paragraph = document.createElement("p");
	paragraph.textContent = text;
	element.replaceChildren(paragraph);
}

export function Rich({ markdown, html }: { markdown?: string; html?: string }) {
	const element = useRef<HTMLDivElement>(null);
	const newest = useRef({ markdown, html });
	const drawing = useRef(false);
	const alive = useRef(true);
	/** The Markdown that is shown as it will stay. */
	const complete = useRef<string | undefined>(undefined);
	newest.current = { markdown, html };
	/** The first text where it is a line: Preact takes over the paragraph that the server has painted. */
	const [line] = useState(() => (markdown !== undefined && isOneLine(markdown) && !prepared.has(markdown) ? withoutMarks(markdown) : undefined));
	useLayoutEffect(() => {
		if (markdown === undefined || !element.current) return;
		const found = prepared.get(markdown);
		const plain = isPlainText(markdown);
		if (found) element.current.replaceChildren(found);
		else if (plain || (isOneLine(markdown) && !element.current.hasChildNodes())) showLine(element.current, withoutMarks(markdown));
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
		if (drawing.current) return;
		show().catch(() => {
			// What it takes cannot be loaded, or it fails on this text: the text as it is says more than nothing.
			drawing.current = false;
			if (alive.current) element.current?.replaceChildren(newest.current.markdown ?? newest.current.html ?? "");
		});
	}, [markdown, html]);
	useEffect(
		() => () => {
			alive.current = false;
		},
		[],
	);
	return (
		<div class="rich" dir="auto" ref={element}>
			{line !== undefined && <p>{line}</p>}
		</div>
	);
}
