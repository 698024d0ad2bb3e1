/** Highlighted code. The editor is loaded when a page has code. */

import { useEffect, useRef } from "preact/hooks";
import type { InputProps, Kind, OutputActions, OutputProps } from "../kind";
import type { Editor } from "./editor";
import "./style.css";

/** `now` returns the newest text: while the editor loads, the text may change. */
function useEditor(now: () => string, language: string, label: string, changed?: (text: string) => void) {
	const element = useRef<HTMLDivElement>(null);
	const editor = useRef<Editor | undefined>(undefined);
	const newest = useRef(now);
	newest.current = now;
	useEffect(() => {
		let gone = false;
		void import("./editor").then(({ edit }) => {
			if (gone || !element.current) return;
			editor.current = edit(element.current, newest.current(), language, label, changed);
		});
		return () => {
			gone = true;
			editor.current?.close();
		};
	}, [language, label, Boolean(changed)]);
	useEffect(() => editor.current?.show(newest.current()));
	return element;
}

function Input({ field, value, id }: InputProps) {
	void value.value; // subscribes: the component is drawn again when the value changes
	const text = () => String(value.peek() ?? "");
	const changed = (now: string) => {
		value.value = now;
	};
	const element = useEditor(text, String(field.props.language ?? ""), field.label, changed);
	return <div id={id} class="editor" ref={element} />;
}

function Output({ field, value }: OutputProps) {
	const text = String(value ?? "");
	const element = useEditor(() => text, String(field.props.language ?? ""), field.label);
	return (
		<div class="editor" ref={element}>
			<pre>{text}</pre>
		</div>
	);
}

const actions = (value: unknown): OutputActions => ({ copy: () => String(value ?? "") });
export default { types: ["code"], input: Input, output: Output, actions, initial: () => "" } satisfies Kind;
