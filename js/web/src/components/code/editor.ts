/** A code editor: CodeMirror, which is loaded when a page has code. */

import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { markdown } from "@codemirror/lang-markdown";
import { python } from "@codemirror/lang-python";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";

const LANGUAGES: Record<string, () => Extension> = {
	python,
	json,
	html,
	markdown,
	javascript: () => javascript({ jsx: true }),
	typescript: () => javascript({ jsx: true, typescript: true }),
};

const THEME = EditorView.theme({
	"&": { color: "var(--text)", backgroundColor: "var(--sunk)", maxHeight: "26rem", minHeight: "6rem" },
	"&.cm-focused": { outline: "2px solid var(--accent)" },
	// of the numbers beside the text too: a phone's browser enlarges one of two fonts, and the lines drift apart
	".cm-scroller": { fontFamily: "var(--mono)", fontSize: "13px", lineHeight: "20px" },
	".cm-content": { caretColor: "var(--text)" },
	".cm-cursor": { borderLeftColor: "var(--text)" },
	".cm-gutters": { backgroundColor: "var(--sunk)", color: "var(--soft)", borderColor: "var(--line)" },
	".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
});
const COLOURS = HighlightStyle.define([
	{ tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], color: "var(--accent)", fontWeight: "600" },
	{ tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
	{ tag: [tags.number, tags.bool, tags.null], color: "var(--number)" },
	{ tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
	{ tag: [tags.function(tags.variableName), tags.definition(tags.variableName)], color: "var(--name)" },
	{ tag: [tags.tagName, tags.heading, tags.propertyName], color: "var(--name)" },
	{ tag: tags.link, textDecoration: "underline" },
]);

export interface Editor {
	show(text: string): void;
	close(): void;
}

/**
 * Open an editor in `parent`; without `changed` it is read-only. It stands in a shadow root, where its styles need no
 * style element: the Content-Security-Policy of the page forbids those.
 */
export function edit(
	parent: HTMLElement,
	text: string,
	language: string,
	label: string,
	changed?: (text: string) => void,
): Editor {
	const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
	const view = new EditorView({
		parent: root,
		root,
		doc: text,
		extensions: [
			THEME,
			syntaxHighlighting(COLOURS),
			basicSetup,
			LANGUAGES[language]?.() ?? [],
			EditorView.lineWrapping,
			EditorView.contentAttributes.of({ "aria-label": label }),
			EditorState.readOnly.of(!changed),
			EditorView.updateListener.of((update) => {
				if (update.docChanged) changed?.(update.state.doc.toString());
			}),
		],
	});
	return {
		show(now) {
			const before = view.state.doc.toString();
			if (now !== before) view.dispatch({ changes: { from: 0, to: before.length, insert: now } });
		},
		close: () => view.destroy(),
	};
}
