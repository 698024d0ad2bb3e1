/** A table. A click on a heading sorts it; the cells of an input can be edited. */

import { FileUp, Plus, X } from "lucide";
import { useMemo, useRef, useState } from "preact/hooks";
import type { Field, InputProps, Kind, OutputActions, OutputProps } from "../kind";
import { Button, IconButton } from "../../parts/button";
import { useAfterPaint } from "../../views/afterpaint";
import { Spacer } from "../../views/spacer";
import { useVirtualRows, WHOLE_MAX } from "../../views/virtualrows";
import { useSearchTexts } from "./searchtexts";
import { cellText, filterRows, fromText, isNumeric, parseCell, parseCsv, sortRows, tableOf, toCsv, toText, type Order } from "./table";
import "./style.css";

/** Shorter tables are seen at once. */
const FILTER_MIN = 10;
const CSV_MAX = 20_000_000;
const DEFAULT_HEADERS = ["1", "2", "3"];

function Input({ field, value, id }: InputProps) {
	const table = tableOf(value.value);
	const headers = table.headers.length ? table.headers : DEFAULT_HEADERS;
	const rows = useVirtualRows(table.data.length);
	const chooser = useRef<HTMLInputElement>(null);
	const [problem, setProblem] = useState("");
	const change = (data: unknown[][], names = table.headers) => {
		value.value = { headers: names, data, metadata: null };
	};
	const setCell = (row: number, column: number, text: string) => {
		const cell = parseCell(field, column, text);
		change(table.data.map((cells, i) => (i === row ? headers.map((_, j) => (j === column ? cell : cells[j])) : cells)));
	};
	/** The first line has the names of the columns. */
	const takeFile = async (input: HTMLInputElement) => {
		const file = input.files?.[0];
		input.value = "";
		if (!file) return;
		if (file.size > CSV_MAX) {
			setProblem("The file is larger than 20 MB: give it to the function as a file.");
			return;
		}
		const [names = [], ...lines] = parseCsv(await file.text());
		setProblem("");
		change(
			lines.map((cells) => names.map((_, column) => parseCell(field, column, cells[column] ?? ""))),
			names,
		);
	};
	const onPaste = (event: ClipboardEvent) => {
		const pasted = fromText(event.clipboardData?.getData("text/plain") ?? "", field, headers.length);
		if (!pasted) return;
		event.preventDefault();
		change([...table.data, ...pasted], headers);
	};
	return (
		<div class="dataframe" onPaste={onPaste}>
			<div class={`table cells ${table.data.length > WHOLE_MAX ? "long" : ""}`} ref={rows.scroller}>
				<table id={id} aria-label={field.label} aria-rowcount={table.data.length + 1}>
					<thead>
						<tr>
							{headers.map((name, column) => (
								<th key={column} scope="col">
									{name}
								</th>
							))}
							<th>
								<span class="visually-hidden">Remove</span>
							</th>
						</tr>
					</thead>
					<tbody>
						<Spacer height_px={rows.before_px} columns={headers.length + 1} />
						{table.data.slice(rows.first, rows.end).map((cells, offset) => {
							const row = rows.first + offset;
							return (
								<tr key={row} aria-rowindex={row + 2}>
									{headers.map((name, column) => (
										<td key={column}>
											<input
												dir="auto"
												value={cellText(cells[column])}
												aria-label={`${name}, row ${row + 1}`}
												inputMode={isNumeric(field, column) ? "decimal" : undefined}
												onChange={(event) => setCell(row, column, event.currentTarget.value)}
											/>
										</td>
									))}
									<td>
										<IconButton label={`Remove row ${row + 1}`} icon={X} onClick={() => change(table.data.filter((_, i) => i !== row))} />
									</td>
								</tr>
							);
						})}
						<Spacer height_px={rows.after_px} columns={headers.length + 1} />
					</tbody>
				</table>
			</div>
			<div class="row">
				<Button small icon={Plus} onClick={() => change([...table.data, headers.map(() => null)], headers)}>
					Add a row
				</Button>
				<input ref={chooser} type="file" hidden accept=".csv,.tsv,text/csv" onChange={(event) => void takeFile(event.currentTarget)} />
				<Button small look="ghost" icon={FileUp} onClick={() => chooser.current?.click()}>
					Open a CSV file
				</Button>
			</div>
			{problem && (
				<p class="wrong" role="alert">
					{problem}
				</p>
			)}
		</div>
	);
}

function Output({ field, value }: OutputProps) {
	const table = useMemo(() => tableOf(value), [value]);
	const [order, setOrder] = useState<Order>();
	const [filter, setFilter] = useState("");
	const wanted = useAfterPaint(filter.trim().toLowerCase());
	const shownOrder = useAfterPaint(order);
	const texts = useSearchTexts(table.data);
	const found = useMemo(() => (wanted ? filterRows(table.data, texts(), wanted) : table.data), [table, wanted]);
	const sorted = useMemo(() => (shownOrder ? sortRows(found, shownOrder) : found), [found, shownOrder]);
	const rows = useVirtualRows(sorted.length);
	const long = sorted.length > WHOLE_MAX;
	return (
		<div class="dataframe">
			{table.data.length >= FILTER_MIN && (
				<input
					type="search"
					class="filter"
					aria-label={`Filter ${field.label}`}
					placeholder="Filter rows"
					value={filter}
					onInput={(event) => setFilter(event.currentTarget.value)}
				/>
			)}
			<div class={`table cells ${long ? "long" : ""}`} ref={rows.scroller} {...(long && { tabIndex: 0 })}>
				<table aria-label={field.label} aria-rowcount={sorted.length + 1}>
					<thead>
						<tr>
							{table.headers.map((name, column) => {
								const direction = order?.[0] === column ? order[1] : 0;
								return (
									<th key={column} scope="col" aria-sort={direction === 1 ? "ascending" : direction === -1 ? "descending" : "none"}>
										<button type="button" onClick={() => setOrder([column, direction === 1 ? -1 : 1])}>
											{name} <span aria-hidden="true">{direction === 1 ? "▲" : direction === -1 ? "▼" : ""}</span>
										</button>
									</th>
								);
							})}
						</tr>
					</thead>
					<tbody>
						<Spacer height_px={rows.before_px} columns={table.headers.length} />
						{sorted.slice(rows.first, rows.end).map((cells, offset) => (
							<tr key={rows.first + offset} aria-rowindex={rows.first + offset + 2}>
								{cells.map((cell, column) => (
									<Cell key={column} cell={cell} />
								))}
							</tr>
						))}
						<Spacer height_px={rows.after_px} columns={table.headers.length} />
					</tbody>
				</table>
			</div>
			<p class="row">
				<small>
					{wanted && `${found.length.toLocaleString("en")} of `}
					{table.data.length.toLocaleString("en")} {table.data.length === 1 ? "row" : "rows"}
				</small>
			</p>
		</div>
	);
}

/** In long tables a cell has one line: its whole text is in the tooltip. */
function Cell({ cell }: { cell: unknown }) {
	if (typeof cell === "number") return <td class="number">{String(cell)}</td>;
	const text = cellText(cell);
	return (
		<td dir="auto" {...(text.length > 30 && { title: text })}>
			{text}
		</td>
	);
}

const initial = (field: Field): unknown => ({ headers: (field.props.headers as string[] | undefined) ?? [], data: [], metadata: null });
const actions = (value: unknown): OutputActions => ({
	copy: () => toText(tableOf(value)),
	save: ["table.csv", () => toCsv(tableOf(value))],
});
export default { types: ["dataframe"], input: Input, output: Output, actions, initial, group: true } satisfies Kind;
