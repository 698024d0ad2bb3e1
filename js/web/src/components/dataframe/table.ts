/** A table as it travels, and the order of its rows. No DOM in here. */

import type { Field } from "../kind";
import { orderOf } from "./order";

export interface Table {
	headers: string[];
	data: unknown[][];
	metadata?: unknown;
}

/** How texts begin that a spreadsheet takes for formulas, in full width too (OWASP: "CSV Injection"). */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;
const AFTER_APOSTROPHE = new RegExp(`^'(?=${FORMULA.source.slice(1)})`);

/** A column, and 1 for ascending or -1. */
export type Order = [column: number, direction: 1 | -1];

export function tableOf(value: unknown): Table {
	const found = value as Partial<Table> | null | undefined;
	return { headers: (found?.headers ?? []).map(cellText), data: found?.data ?? [], metadata: found?.metadata ?? null };
}

export function isNumeric(field: Field, column: number): boolean {
	const types = field.props.datatype;
	return (Array.isArray(types) ? types[column] : types) === "number";
}

/** A cell as text is typed into it: an empty or wrong number is null. */
export function parseCell(field: Field, column: number, text: string): unknown {
	if (!isNumeric(field, column)) return text;
	return text.trim() === "" || Number.isNaN(Number(text)) ? null : Number(text);
}

/** Numbers sort as numbers, all else by its text. */
const shownValue = (cell: unknown): unknown => (typeof cell === "object" && cell !== null ? cellText(cell) : cell);

export function sortRows(rows: unknown[][], [column, direction]: Order): unknown[][] {
	const order = orderOf(rows.map((row) => shownValue(row[column])), direction);
	return Array.from(order, (at) => rows[at] as unknown[]);
}

/** A cell as it is shown, searched, sorted and saved: what has parts is JSON. */
export function cellText(cell: unknown): string {
	return typeof cell === "object" && cell !== null ? JSON.stringify(cell) : String(cell ?? "");
}

/** A row as one text in small letters, for `filterRows`. */
export function searchText(row: unknown[]): string {
	return row.map(cellText).join("\n").toLowerCase();
}

/** The rows that have these letters in one of their cells. `texts`: the `searchText` of each. */
export function filterRows(rows: unknown[][], texts: string[], wanted: string): unknown[][] {
	return rows.filter((_, index) => texts[index]?.includes(wanted));
}

/** A CSV file (RFC 4180) as rows of texts; semicolons and tabs separate cells too, where the first line has more of them. */
export function parseCsv(text: string): string[][] {
	const first = text.slice(0, text.search(/[\r\n]|$/));
	const count = (separator: string) => first.split(separator).length;
	const separator = [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
	const rows: string[][] = [];
	let row: string[] = [];
	let cell = "";
	let quoted = false;
	for (let at = 0; at < text.length; at++) {
		const sign = text[at] as string;
		if (quoted) {
			if (sign !== '"') cell += sign;
			else if (text[at + 1] === '"') {
				cell += sign;
				at++;
			} else quoted = false;
		} else if (sign === '"' && cell === "") quoted = true;
		else if (sign === separator) {
			row.push(cell);
			cell = "";
		} else if (sign === "\n") {
			rows.push([...row, cell]);
			row = [];
			cell = "";
		} else if (sign !== "\r") cell += sign;
	}
	if (cell !== "" || row.length) rows.push([...row, cell]);
	return rows.map((cells) => cells.map((text) => text.replace(AFTER_APOSTROPHE, "")));
}

/**
 * A cell as a spreadsheet takes it: a text that would be a formula there gets an apostrophe.
 * Numbers stay what they are, as texts too.
 */
function inert(cell: unknown): string {
	const text = cellText(cell);
	return typeof cell !== "number" && FORMULA.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
}

/** For a spreadsheet: columns are separated by tabs, rows by line ends. Inside a cell both are blanks. */
export function toText({ headers, data }: Table): string {
	return [headers, ...data].map((row) => row.map((cell) => inert(cell).replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n");
}

/** As RFC 4180 has it: with quotes where a cell needs them. */
export function toCsv({ headers, data }: Table): string {
	const quoted = (cell: unknown) => {
		const text = inert(cell);
		return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
	};
	return [headers, ...data].map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}

/** Rows that were copied from a spreadsheet; undefined for text that is one cell. */
export function fromText(text: string, field: Field, columns: number): unknown[][] | undefined {
	if (!/[\t\n]/.test(text.trim())) return undefined;
	const lines = text.trimEnd().split(/\r?\n/).map((line) => line.split("\t"));
	return lines.map((cells) => Array.from({ length: columns }, (_, column) => parseCell(field, column, cells[column] ?? "")));
}
