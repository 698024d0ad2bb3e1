/** HTML from Markdown, and HTML without what could run. */

import DOMPurify from "dompurify";
import { marked } from "marked";

export function made(markdown: string): string {
	return marked.parse(markdown, { async: false, gfm: true, breaks: true });
}

/** Links open elsewhere and tell nothing of this page. */
export function cleaned(html: string): DocumentFragment {
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
