/** A text that is edited; the editor is loaded when it is first shown. */

import { EditableCode } from "../../components/code/editable";

const LANGUAGES: Record<string, string> = {
	py: "python",
	md: "markdown",
	html: "html",
	json: "json",
	js: "javascript",
	mjs: "javascript",
	jsx: "javascript",
	ts: "typescript",
	tsx: "typescript",
};

interface Props {
	path: string;
	text: string;
	change: (text: string) => void;
	/** For those who do not see it. */
	label?: string;
}

export function CodeEditor({ path, text, change, label = `Text of ${path}` }: Props) {
	const ending = path.split(".").pop()?.toLowerCase() ?? "";
	return <EditableCode text={() => text} language={LANGUAGES[ending] ?? ""} label={label} change={change} />;
}
