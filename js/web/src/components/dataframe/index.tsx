/** A table: sorted by a click on a heading; as an input its cells can be written. */

import { useState } from "preact/hooks";
import type { Field, InputProps, Kind, OutputProps } from "../kind";
import { Copy } from "../../views/copy";

interface Table {
	headers: string[];
	data: unknown[][];
	metadata?: unknown;
}

const SHOWN = 200;

function tableOf(value: unknown): Table {
	const found = value as Partial<Table> | null;
	return { headers: (found?.headers ?? []).map(String), data: found?.data ?? [], metadata: found?.metadata ?? null };
}

function numeric(field: Field, column: number): boolean {
	const types = field.props.datatype;
	return (Array.isArray(types) ? types[column] : types) === "number";
}

function Input({ field, value, id, disabled }: InputProps) {
	const table = tableOf(value.value);
	const change = (data: unknown[][], headers = table.headers) => {
		value.value = { headers, data, metadata: null };
	};
	const written = (row: number, column: number, text: string) => {
		const found = numeric(field, column) ? (text.trim() === "" || Number.isNaN(Number(text)) ? null : Number(text)) : text;
		change(table.data.map((cells, i) => (i === row ? cells.map((cell, j) => (j === column ? found : cell)) : cells)));
	};
	const pasted = (event: ClipboardEvent) => {
		const text = event.clipboardData?.getData("text/plain") ?? "";
		if (!/[\t\n]/.test(text.trim())) return;
		event.preventDefault();
		const rows = text.trimEnd().split(/\r?\n/).map((line) => line.split("\t"));
		const fit = (cells: string[]) => table.headers.map((_, j) => (numeric(field, j) ? Number(cells[j] ?? "") : (cells[j] ?? "")));
		change([...table.data, ...rows.map(fit)]);
	};
	const headers = table.headers.length ? table.headers : ["1", "2", "3"];
	return (
		<div class="table" onPaste={pasted}>
			<table id={id} aria-label={field.label}>
				<thead>
					<tr>
						{headers.map((name, column) => (
							<th key={column} scope="col">
								{name}
							</th>
						))}
						<th>
							<span class="unseen">Remove</span>
						</th>
					</tr>
				</thead>
				<tbody>
					{table.data.map((cells, row) => (
						<tr key={row}>
							{headers.map((name, column) => (
								<td key={column}>
									<input
										value={cells[column] == null ? "" : String(cells[column])}
										aria-label={`${name}, row ${row + 1}`}
										disabled={disabled}
										inputMode={numeric(field, column) ? "decimal" : undefined}
										onChange={(event) => written(row, column, event.currentTarget.value)}
									/>
								</td>
							))}
							<td>
								<button
									type="button"
									class="small"
									aria-label={`Remove row ${row + 1}`}
									disabled={disabled}
									onClick={() => change(table.data.filter((_, i) => i !== row))}
								>
									×
								</button>
							</td>
						</tr>
					))}
				</tbody>
			</table>
			<button type="button" class="small" disabled={disabled} onClick={() => change([...table.data, headers.map(() => null)], headers)}>
				Add a row
			</button>
		</div>
	);
}

function Output({ field, value }: OutputProps) {
	const table = tableOf(value);
	const [by, setBy] = useState<[number, 1 | -1]>();
	const [shown, setShown] = useState(SHOWN);
	const rows = by ? [...table.data].sort((a, b) => compared(a[by[0]], b[by[0]]) * by[1]) : table.data;
	const text = [table.headers, ...table.data].map((row) => row.map((cell) => String(cell ?? "")).join("\t")).join("\n");
	return (
		<div class="table">
			<table aria-label={field.label}>
				<thead>
					<tr>
						{table.headers.map((name, column) => {
							const own = by?.[0] === column ? by[1] : 0;
							return (
								<th key={column} scope="col" aria-sort={own === 1 ? "ascending" : own === -1 ? "descending" : "none"}>
									<button type="button" onClick={() => setBy([column, own === 1 ? -1 : 1])}>
										{name} <span aria-hidden="true">{own === 1 ? "▲" : own === -1 ? "▼" : ""}</span>
									</button>
								</th>
							);
						})}
					</tr>
				</thead>
				<tbody>
					{rows.slice(0, shown).map((cells, row) => (
						<tr key={row}>
							{cells.map((cell, column) => (
								<td key={column} class={typeof cell === "number" ? "number" : ""}>
									{cell === null ? "" : String(cell)}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
			<p class="row">
				<small>
					{table.data.length} {table.data.length === 1 ? "row" : "rows"}
				</small>
				{rows.length > shown && (
					<button type="button" class="small" onClick={() => setShown(shown + 1000)}>
						Show more
					</button>
				)}
				<Copy text={text} />
			</p>
		</div>
	);
}

function compared(a: unknown, b: unknown): number {
	if (typeof a === "number" && typeof b === "number") return a - b;
	return String(a ?? "").localeCompare(String(b ?? ""), undefined, { numeric: true });
}

const initial = (field: Field): unknown => ({ headers: (field.props.headers as string[] | undefined) ?? [], data: [], metadata: null });
export default { types: ["dataframe"], input: Input, output: Output, initial, group: true } satisfies Kind;
