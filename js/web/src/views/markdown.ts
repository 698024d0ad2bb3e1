/** Markdown and HTML as they are shown: without what could run, with formulas and coloured code. */

import DOMPurify from "dompurify";
import { renderMarkdown } from "./boundedmarkdown";

const COPIED_MS = 1500;
/** Formulas beyond this, and longer ones, stay text: typesetting takes long. */
const FORMULAS_MAX = 1000;
const FORMULA_MAX = 5000;

type Highlight = typeof import("../parts/highlight").highlight;

/** Links open in a new tab, and do not tell the other site where they came from. */
function sanitize(html: string): DocumentFragment {
	const fragment = DOMPurify.sanitize(html, {
		RETURN_DOM_FRAGMENT: true,
		FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select"],
		FORBID_ATTR: ["id", "name"],
	});
	for (const link of fragment.querySelectorAll("a")) {
		// Attributes, for a link may be SVG's, whose properties cannot be set.
		link.setAttribute("target", "_blank");
		link.setAttribute("rel", "noopener noreferrer nofollow");
	}
	return fragment;
}

/** Typesets the formulas of a sanitized fragment, as MathML: it needs no fonts and no style sheet. */
async function typesetMath(fragment: DocumentFragment): Promise<void> {
	const found = [...fragment.querySelectorAll<HTMLElement>("[data-math]")];
	const formulas = found.filter((one) => (one.textContent ?? "").length <= FORMULA_MAX).slice(0, FORMULAS_MAX);
	if (!formulas.length) return;
	const { default: katex } = await import("katex");
	for (const element of formulas) {
		const displayMode = element.dataset.math === "display";
		katex.render(element.textContent ?? "", element, { output: "mathml", displayMode, throwOnError: false, trust: false, maxExpand: 200, maxSize: 20 });
	}
}

/** What is shown of a Markdown or HTML text: sanitized, with formulas and coloured code. */
export async function draw({ markdown, html }: { markdown?: string | undefined; html?: string | undefined }): Promise<DocumentFragment> {
	const content = sanitize(html ?? (await renderMarkdown(markdown ?? "")));
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
