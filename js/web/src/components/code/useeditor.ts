/** CodeMirror in an element, loaded when it is first shown. */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Editor } from "./editor";

/**
 * `now` returns the newest text: while the editor loads, the text may change. Without `changed` it is read-only.
 * Returns the element to fill, and whether the editor cannot be loaded, as after an upgrade of the server.
 */
export function useEditor(
	now: () => string,
	language: string,
	label: string,
	changed?: (text: string) => void,
): [element: RefObject<HTMLDivElement | null>, failed: boolean] {
	const element = useRef<HTMLDivElement>(null);
	const editor = useRef<Editor | undefined>(undefined);
	const newest = useRef({ now, changed });
	const [failed, setFailed] = useState(false);
	newest.current = { now, changed };
	useEffect(() => {
		let gone = false;
		const load = async () => {
			const { edit } = await import("./editor");
			if (gone || !element.current) return;
			const write = (text: string) => newest.current.changed?.(text);
			editor.current = edit(element.current, newest.current.now(), language, label, changed && write);
		};
		load().catch(() => setFailed(true));
		return () => {
			gone = true;
			editor.current?.close();
		};
	}, [language, label, Boolean(changed)]);
	useEffect(() => editor.current?.show(newest.current.now()));
	return [element, failed];
}
