/** Markdown as HTML, which is not safe yet. Some texts take time that grows with the square of their length. */

import { Marked, type TokenizerAndRendererExtension } from "marked";

/** Keeps a formula as text in an element, which `typesetMath` fills after sanitizing. */
function math(name: string, level: "block" | "inline", start: RegExp, rule: RegExp, display: boolean): TokenizerAndRendererExtension {
	return {
		name,
		level,
		start: (source) => source.match(start)?.index,
		tokenizer(source) {
			const found = rule.exec(source);
			const formula = found?.[1];
			return formula ? { type: name, raw: found[0], formula } : undefined;
		},
		renderer: ({ formula }) => `<span data-math="${display ? "display" : "inline"}">${escapeHtml(String(formula))}</span>`,
	};
}

export function escapeHtml(text: string): string {
	return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}

/* The rules stop after 5,000 characters, so that a text with many openings takes time in proportion to its length. */
const marked = new Marked({
	gfm: true,
	breaks: true,
	renderer: { checkbox: ({ checked }) => `<span role="img" aria-label="${checked ? "done" : "open"}">${checked ? "☑" : "☐"}</span> ` },
	extensions: [
		math("displayMath", "inline", /\$\$|\\\[/, /^\$\$([^$]{1,5000})\$\$/, true),
		math("bracketMath", "inline", /\\\[/, /^\\\[((?:[^\\]|\\(?!\])){1,5000})\\\]/, true),
		math("parenthesisMath", "inline", /\\\(/, /^\\\(((?:[^\\]|\\(?!\))){1,5000})\\\)/, false),
		// As in Pandoc: no blank after the first dollar or before the last, and no digit behind it, so that prices stay text.
		math("inlineMath", "inline", /\$/, /^\$(?![\s$])((?:[^$\\\n]|\\[^\n]){0,4999}?[^$\\\s])\$(?![\d$])/, false),
	],
});

export function parseMarkdown(markdown: string): string {
	return marked.parse(markdown, { async: false });
}
