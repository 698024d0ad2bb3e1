/** The author's Markdown or HTML, sanitized before it is shown. What that takes is loaded when there is some. */

import { useEffect, useRef } from "preact/hooks";
import "./rich.css";

export function Rich({ markdown, html }: { markdown?: string; html?: string }) {
	const element = useRef<HTMLDivElement>(null);
	useEffect(() => {
		let outdated = false;
		const show = async () => {
			const { renderMarkdown, sanitize, typesetMath } = await import("./markdown");
			const content = sanitize(html ?? renderMarkdown(markdown ?? ""));
			await typesetMath(content);
			if (!outdated) element.current?.replaceChildren(content);
		};
		void show();
		return () => {
			outdated = true;
		};
	}, [markdown, html]);
	return <div class="rich" dir="auto" ref={element} />;
}
