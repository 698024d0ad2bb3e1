/** Colours of code, by the grammars that the code editor uses. Each grammar is loaded when code in its language is shown. */

import type { Parser } from "@lezer/common";

/** A piece of code and the classes of its colour. */
export type Token = [text: string, classes: string];

/** Longer code is shown without colours. */
const CODE_MAX = 100_000;
const SHELL_TAB = 4;

const PARSERS: Record<string, () => Promise<Parser>> = {
	python: async () => (await import("@lezer/python")).parser,
	javascript: async () => (await import("@lezer/javascript")).parser,
	typescript: async () => (await import("@lezer/javascript")).parser.configure({ dialect: "ts" }),
	jsx: async () => (await import("@lezer/javascript")).parser.configure({ dialect: "jsx" }),
	json: async () => (await import("@lezer/json")).parser,
	html: async () => (await import("@lezer/html")).parser,
	css: async () => (await import("@lezer/css")).parser,
	markdown: async () => (await import("@lezer/markdown")).parser,
};
const ALIASES: Record<string, string> = {
	python_async: "python",
	py: "python",
	browser: "javascript",
	js: "javascript",
	ts: "typescript",
	tsx: "jsx",
	md: "markdown",
	xml: "html",
	svg: "html",
};
const SHELLS = new Set(["bash", "bash_stream", "cli", "curl", "sh", "shell", "zsh", "console"]);

/** The code in coloured pieces; undefined for languages without a grammar and for code that is too long. */
export async function highlight(code: string, language: string): Promise<Token[] | undefined> {
	if (code.length > CODE_MAX) return undefined;
	if (SHELLS.has(language)) return shellTokens(code);
	const parser = await PARSERS[ALIASES[language] ?? language]?.();
	if (!parser) return undefined;
	const { classHighlighter, highlightCode } = await import("@lezer/highlight");
	const tokens: Token[] = [];
	const put = (text: string, classes: string) => tokens.push([text, classes]);
	highlightCode(code, parser.parse(code), classHighlighter, put, () => put("\n", ""));
	return tokens;
}

async function shellTokens(code: string): Promise<Token[]> {
	const [{ shell }, { StringStream }] = await Promise.all([
		import("@codemirror/legacy-modes/mode/shell"),
		import("@codemirror/streamparser"),
	]);
	const state = shell.startState?.(SHELL_TAB);
	const tokens: Token[] = [];
	code.split("\n").forEach((line, index) => {
		if (index) tokens.push(["\n", ""]);
		const stream = new StringStream(line, SHELL_TAB, SHELL_TAB);
		while (!stream.eol()) {
			const style = shell.token(stream, state as never);
			tokens.push([stream.current(), style ? `tok-${style}` : ""]);
			stream.start = stream.pos;
		}
	});
	return tokens;
}
