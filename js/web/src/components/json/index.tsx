/** Any JSON: a tree to read, a text to write. Also for components that have no view of their own. */

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { InputProps, Kind, OutputActions, OutputProps } from "../kind";
import { Draft } from "../../services/draft";
import "./style.css";

const CHILDREN_MAX = 500;
const OPEN_MAX = 50;
const OPEN_DEPTH = 2;

/** The value of a text: undefined for an empty one, a `Draft` for one that is not JSON. */
function parse(text: string): unknown {
	if (!text.trim()) return undefined;
	try {
		return JSON.parse(text);
	} catch (error) {
		return new Draft(text, `This is not JSON yet: ${(error as Error).message}`);
	}
}

function format(value: unknown): string {
	if (value instanceof Draft) return value.text;
	return value === undefined ? "" : JSON.stringify(value, null, 2);
}

/** The value is the only truth. The text as it was typed is kept beside it while it still means that value. */
function Input({ field, value, id }: InputProps) {
	const typed = useRef<{ text: string; value: unknown } | undefined>(undefined);
	const current = value.value;
	const text = typed.current && typed.current.value === current ? typed.current.text : format(current);
	return (
		<textarea
			id={id}
			class="mono"
			rows={5}
			spellcheck={false}
			value={text}
			placeholder={JSON.stringify(field.example ?? {})}
			onInput={(event) => {
				const next = event.currentTarget.value;
				const found = parse(next);
				const unset = found === undefined && !field.required ? null : found;
				typed.current = { text: next, value: unset };
				value.value = unset;
			}}
		/>
	);
}

/** What is in a closed object or list is not drawn: there may be much of it, and it may be deep. */
export function Tree({ value, name, depth = 0 }: { value: unknown; name?: string; depth?: number }) {
	const key = name === undefined ? null : <span class="key">{name}: </span>;
	if (typeof value !== "object" || value === null) {
		return (
			<div class={`leaf ${value === null ? "null" : typeof value}`} dir="auto">
				{key}
				{JSON.stringify(value) ?? "null"}
			</div>
		);
	}
	return <Branch value={value} name={key} depth={depth} />;
}

function Branch({ value, name, depth }: { value: object; name: ComponentChildren; depth: number }) {
	const entries = Object.entries(value);
	const [shown, setShown] = useState(depth < OPEN_DEPTH && entries.length < OPEN_MAX);
	const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
	if (!entries.length) return <div class="leaf">{name}{open}{close}</div>;
	return (
		<details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
			<summary>
				{name}
				{open}
				<span class="count">{entries.length}</span>
				{close}
			</summary>
			{shown && entries.slice(0, CHILDREN_MAX).map(([label, child]) => (
				<Tree key={label} value={child} name={label} depth={depth + 1} />
			))}
			{shown && entries.length > CHILDREN_MAX && <div class="leaf">… {entries.length - CHILDREN_MAX} more</div>}
		</details>
	);
}

function Output({ value }: OutputProps) {
	return (
		<div class="tree">
			<Tree value={value} />
		</div>
	);
}

const toText = (value: unknown) => JSON.stringify(value, null, 2) ?? "null";
const actions = (value: unknown): OutputActions => ({ copy: () => toText(value), save: ["result.json", () => toText(value)] });
export default { types: ["json"], input: Input, output: Output, actions } satisfies Kind;
