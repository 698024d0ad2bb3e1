/** Any JSON: a tree to look at, a text to write. Also for what has no component of its own here. */

import { useState } from "preact/hooks";
import type { InputProps, Kind, OutputProps } from "../kind";
import { Copy } from "../../views/copy";

function Input({ field, value, id, disabled }: InputProps) {
	const [text, setText] = useState(() => (value.value === undefined ? "" : JSON.stringify(value.value, null, 2)));
	const [wrong, setWrong] = useState("");
	const typed = (event: Event) => {
		const found = (event.target as HTMLTextAreaElement).value;
		setText(found);
		try {
			value.value = found.trim() ? JSON.parse(found) : null;
			setWrong("");
		} catch (error) {
			setWrong((error as Error).message);
		}
	};
	return (
		<>
			<textarea
				id={id}
				class="mono"
				rows={5}
				spellcheck={false}
				value={text}
				onInput={typed}
				disabled={disabled}
				aria-invalid={Boolean(wrong)}
				aria-describedby={wrong ? `${id}-wrong` : undefined}
				placeholder={JSON.stringify(field.example ?? {})}
			/>
			{wrong && (
				<p class="wrong" id={`${id}-wrong`}>
					This is not JSON yet: {wrong}
				</p>
			)}
		</>
	);
}

export function Tree({ value, name, depth = 0 }: { value: unknown; name?: string; depth?: number }) {
	const key = name === undefined ? null : <span class="key">{name}: </span>;
	if (typeof value !== "object" || value === null) {
		return (
			<div class={`leaf ${value === null ? "null" : typeof value}`}>
				{key}
				{JSON.stringify(value) ?? "null"}
			</div>
		);
	}
	const entries = Object.entries(value);
	const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
	if (!entries.length) return <div class="leaf">{key}{open}{close}</div>;
	return (
		<details open={depth < 2 && entries.length < 50}>
			<summary>
				{key}
				{open}
				<span class="count">{entries.length}</span>
				{close}
			</summary>
			{entries.slice(0, 500).map(([label, one]) => (
				<Tree key={label} value={one} name={label} depth={depth + 1} />
			))}
			{entries.length > 500 && <div class="leaf">… {entries.length - 500} more</div>}
		</details>
	);
}

function Output({ value }: OutputProps) {
	return (
		<div class="tree">
			<Tree value={value} />
			<Copy text={JSON.stringify(value, null, 2) ?? "null"} />
		</div>
	);
}

export default { types: ["json"], input: Input, output: Output, initial: (field) => structuredClone(field.example ?? null) } satisfies Kind;
