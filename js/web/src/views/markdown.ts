/** Markdown as HTML, HTML without what could run, and formulas. */

import DOMPurify from "dompurify";
import { Marked, type TokenizerAndRendererExtension } from "marked";

/** Formulas longer than this stay text: typesetting takes long. */
const FORMULA_MAX = 5000;
const COPIED_MS = 1500;

type Highlight = typeof import("../parts/highlight").highlight;

/** Keeps a formula as text in an element, which `typesetMath` fills after sanitizing. */
function math(name: string, level: "block" | "inline", start: RegExp, rule: RegExp, display: boolean): TokenizerAndRendererExtension {
	return {
		name,
		level,
		start: (source) => source.match(start)?.index,
		tokenizer(source) {
			const found = rule.exec(source);
			const formula = found?.[1];
			return formula && formula.length <= FORMULA_MAX ? { type: name, raw: found[0], formula } : undefined;
		},
		renderer: ({ formula }) => `<span data-math="${display ? "display" : "inline"}">${escapeHtml(String(formula))}</span>`,
	};
}

function escapeHtml(text: string): string {
	return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}

const marked = new Marked({
	gfm: true,
	breaks: true,
	renderer: { checkbox: ({ checked }) => `<span role="img" aria-label="${checked ? "done" : "open"}">${checked ? "☑" : "☐"}</span> ` },
	extensions: [
		math("displayMath", "inline", /\$\$|\\\[/, /^(?:\$\$([^$]+)\$\$)/, true),
		math("bracketMath", "inline", /\\\[/, /^\\\[((?:[^\\]|\\(?!\]))+)\\\]/, true),
		math("parenthesisMath", "inline", /\\\(/, /^\\\(((?:[^\\]|\\(?!\)))+)\\\)/, false),
		// As in Pandoc: no blank after the first dollar or before the last, and no digit behind it, so that prices stay text.
		math("inlineMath", "inline", /\$/, /^\$(?![\s$])((?:[^$\\\n]|\\[^\n])*?[^$\\\s])\$(?![\d$])/, false),
	],
});

export function renderMarkdown(markdown: string): string {
	return marked.parse(markdown, { async: false });
}

/** Links open in a new tab, and do not tell the other site where they came from. */
export function sanitize(html: string): DocumentFragment {
	const fragment = DOMPurify.sanitize(html, {
		RETURN_DOM_FRAGMENT: true,
		FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select"],
		FORBID_ATTR: ["id", "name"],
	});
	for (const link of fragment.querySelectorAll("a")) {
		link.target = "_blank";
		link.rel = "noopener noreferrer nofollow";
	}
	return fragment;
}

/** Typesets the formulas of a sanitized fragment, as MathML: it needs no fonts and no style sheet. */
export async function typesetMath(fragment: DocumentFragment): Promise<void> {
	const formulas = fragment.querySelectorAll<HTMLElement>("[data-math]");
	if (!formulas.length) return;
	const { default: katex } = await import("katex");
	for (const element of formulas) {
		const displayMode = element.dataset.math === "display";
		katex.render(element.textContent ?? "", element, { output: "mathml", displayMode, throwOnError: false, trust: false, maxExpand: 200, maxSize: 20 });
	}
}

/** What is shown of a Markdown or HTML text: sanitized, with formulas and coloured code. */
export async function draw({ markdown, html }: { markdown?: string | undefined; html?: string | undefined }): Promise<DocumentFragment> {
	const content = sanitize(html ?? renderMarkdown(markdown ?? ""));
	await Promise.all([typesetMath(content), colourCode(content)]);
	return content;
}

/** Colours the code of a sanitized fragment, and adds a button to each that copies it. */
async function colourCode(fragment: DocumentFragment): Promise<void> {
	const blocks = [...fragment.querySelectorAll<HTMLElement>("pre > code")];
	if (!blocks.length) return;
	const { highlight } = await import("../parts/highlight");
	await Promise.all(blocks.map((code) => colourBlock(code, highlight)));
}

async function colourBlock(code: HTMLElement, highlight: Highlight): Promise<void> {
	const text = code.textContent ?? "";
	const language = /\blanguage-([\w+-]+)/.exec(code.className)?.[1] ?? "";
	const tokens = await highlight(text, language.toLowerCase()).catch(() => undefined);
	if (tokens) {
		code.replaceChildren(
			...tokens.map(([piece, classes]) => (classes ? Object.assign(document.createElement("span"), { className: classes, textContent: piece }) : piece)),
		);
	}
	const pre = code.parentElement as HTMLElement;
	pre.tabIndex = 0;
	const box = document.createElement("div");
	box.className = "code";
	pre.replaceWith(box);
	box.append(pre, copyButton(text));
}

function copyButton(text: string): HTMLButtonElement {
	const button = Object.assign(document.createElement("button"), { type: "button", className: "small copy-code", textContent: "Copy" });
	button.addEventListener("click", async () => {
		const copied = await navigator.clipboard.writeText(text).then(
			() => true,
			() => false,
		);
		button.textContent = copied ? "Copied" : "The browser does not allow copying";
		setTimeout(() => {
			button.textContent = "Copy";
		}, COPIED_MS);
	});
	return button;
}
