/** A unified diff of git, read into files and lines. */

export type LineKind = "added" | "removed" | "same" | "hunk" | "note";

export interface DiffLine {
	kind: LineKind;
	text: string;
	/** The number of the line in the file before, and after. */
	before?: number;
	after?: number;
}

export interface FileDiff {
	path: string;
	/** What it was called before, where that is another name. */
	from?: string;
	removed: boolean;
	lines: DiffLine[];
}

const ESCAPES: Record<string, number> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, '"': 34, "\\": 92 };

/** A path as git writes it: with quotes and octal escapes where it has other than plain characters. */
export function unquote(text: string): string {
	if (!text.startsWith('"') || !text.endsWith('"')) return text;
	const bytes: number[] = [];
	for (const [, octal, letter, plain] of text.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gu)) {
		if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
		else if (letter !== undefined) bytes.push(ESCAPES[letter] ?? letter.charCodeAt(0));
		else bytes.push(...new TextEncoder().encode(plain));
	}
	return new TextDecoder().decode(new Uint8Array(bytes));
}

/** Without the `a/` or `b/` before it; undefined for no file. */
function pathOf(text: string): string | undefined {
	const path = unquote(text.replace(/\t$/, ""));
	return path === "/dev/null" ? undefined : path.slice(2);
}

/** Of a file without lines, git names only both paths, which are the same. */
function pathOfHead(line: string): string {
	const rest = line.slice("diff --git ".length);
	if (rest.startsWith('"')) return pathOf(/^"(?:[^"\\]|\\.)*"/.exec(rest)?.[0] ?? rest) ?? "";
	return rest.slice(2, (rest.length - 1) / 2);
}

/** The files of a diff, with `most` lines in all. */
export function filesOf(diff: string, most: number): FileDiff[] {
	const files: FileDiff[] = [];
	let file: FileDiff | undefined;
	let [before, after, left] = [0, 0, most];
	let inHunk = false;
	for (const line of diff.split("\n")) {
		if (line.startsWith("diff --git ")) {
			file = { path: pathOfHead(line), removed: false, lines: [] };
			files.push(file);
			inHunk = false;
			continue;
		}
		if (!file || left <= 0) continue;
		const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
		if (hunk) {
			[before, after, inHunk] = [Number(hunk[1]), Number(hunk[2]), true];
			file.lines.push({ kind: "hunk", text: line });
			left--;
		} else if (!inHunk) {
			readHead(file, line);
		} else if (line.startsWith("+")) {
			file.lines.push({ kind: "added", text: line.slice(1), after: after++ });
			left--;
		} else if (line.startsWith("-")) {
			file.lines.push({ kind: "removed", text: line.slice(1), before: before++ });
			left--;
		} else if (line.startsWith(" ")) {
			file.lines.push({ kind: "same", text: line.slice(1), before: before++, after: after++ });
			left--;
		} else if (line.startsWith("\\")) {
			file.lines.push({ kind: "note", text: line.slice(2) });
		}
	}
	return files;
}

function readHead(file: FileDiff, line: string): void {
	if (line.startsWith("--- ")) file.path = pathOf(line.slice(4)) ?? file.path;
	else if (line.startsWith("+++ ")) file.path = pathOf(line.slice(4)) ?? file.path;
	else if (line.startsWith("rename from ")) file.from = unquote(line.slice(12));
	else if (line.startsWith("rename to ")) file.path = unquote(line.slice(10));
	else if (line.startsWith("deleted file")) file.removed = true;
	else if (line.startsWith("Binary files ")) file.lines.push({ kind: "note", text: "Binary file" });
}
