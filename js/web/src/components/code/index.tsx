/** Highlighted code. The editor is loaded when a page has code. */

import type { InputProps, Kind, OutputActions, OutputProps } from "../kind";
import { EditableCode } from "./editable";
import { useEditor } from "./useeditor";
import "./style.css";

function Input({ field, value, id }: InputProps) {
	void value.value; // subscribes: the component is drawn again when the value changes
	const text = () => String(value.peek() ?? "");
	const changed = (now: string) => {
		value.value = now;
	};
	return <EditableCode id={id} text={text} language={String(field.props.language ?? "")} label={field.label} change={changed} />;
}

function Output({ field, value }: OutputProps) {
	const text = String(value ?? "");
	const [element] = useEditor(() => text, String(field.props.language ?? ""), field.label);
	return (
		<div class="editor" ref={element}>
			<pre>{text}</pre>
		</div>
	);
}

const actions = (value: unknown): OutputActions => ({ copy: () => String(value ?? "") });
export default { types: ["code"], input: Input, output: Output, actions, initial: () => "" } satisfies Kind;
