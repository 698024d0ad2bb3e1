/** Markdown that can be shown before the code that reads Markdown is there. */

/** Longer lines are left to that code. */
const LINE_MAX = 300;
/** Lists, headings, code, tables, formulas, pictures, HTML, further lines: what takes more than a line, or other room. */
const BLOCKS = /^\s*([-+*]\s|\d+[.)]\s|#|>|={3}| {4}|\t)|[\n\\$|<!]|```/;
const INLINE = /[*_`[\]~&@]|:\/\/|www\./;

/** Whether the text is one line without markup: it is what it looks like. */
export function isPlainText(markdown: string): boolean {
	return isOneLine(markdown) && !INLINE.test(markdown);
}

/** Whether the text is one line, with or without marks in it: it takes the same room when they have been read. */
export function isOneLine(markdown: string): boolean {
	return markdown.length <= LINE_MAX && !BLOCKS.test(markdown.trim());
}

/** A line without its marks. */
export function withoutMarks(line: string): string {
	return line
		.trim()
		.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
		.replace(/\*\*?|`/g, "");
}
