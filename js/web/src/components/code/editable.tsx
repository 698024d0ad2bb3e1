/** Code that is edited: in the editor, or in a plain field where the editor cannot be loaded. */

import { useEditor } from "./useeditor";
import "./style.css";

const ROWS = 12;

interface Props {
	id?: string;
	/** Returns the newest text. */
	text: () => string;
	language: string;
	label: string;
	change: (text: string) => void;
}

export function EditableCode({ id, text, language, label, change }: Props) {
	const [element, failed] = useEditor(text, language, label, change);
	if (!failed) return <div id={id} class="editor" ref={element} />;
	return <textarea id={id} class="mono" rows={ROWS} aria-label={label} value={text()} onInput={(event) => change(event.currentTarget.value)} />;
}
