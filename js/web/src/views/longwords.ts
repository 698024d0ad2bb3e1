/**
 * Makes very long words cheap to lay out. Where each letter is kerned with the next, as in "WWWW…", Chromium shapes the
 * rest of the word anew for each of its lines: 20,000 letters take seconds, and four times as long when they are twice
 * as many. Without kerning and ligatures a word can be broken between any two letters as it is.
 */

/** Letters of a word that takes some milliseconds. */
const WORD_MAX = 1000;
const LONG_WORD = new RegExp(`\\S{${WORD_MAX}}`);

/** Elements with this attribute have neither (style/elements.css). */
const MARK = "data-long-words";

function check(text: Node): void {
	const { data, parentElement } = text as Text;
	if (data.length >= WORD_MAX && LONG_WORD.test(data)) parentElement?.setAttribute(MARK, "");
}

function checkWithin(node: Node): void {
	if (node.nodeType === Node.TEXT_NODE) return check(node);
	const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) check(texts.currentNode);
}

/** Called once by each entry: looks at each text that comes to the page, before the browser lays it out. */
export function markLongWords(): void {
	checkWithin(document.body);
	const observer = new MutationObserver((changes) => {
		for (const { type, target, addedNodes } of changes) {
			if (type === "characterData") check(target);
			else for (const node of addedNodes) checkWithin(node);
		}
	});
	observer.observe(document.body, { childList: true, characterData: true, subtree: true });
}
