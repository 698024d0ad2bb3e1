/** CodeMirror in an element, loaded when it is first shown. */

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Editor } from "./editor";

/** `now` returns the newest text: while the editor loads, the text may change. Without `changed` it is read-only. */
export function useEditor(now: () => string, language: string, label: string, changed?: (text: string) => void): RefObject<HTMLDivElement | null> {
	const element = useRef<HTMLDivElement>(null);
	const editor = useRef<Editor | undefined>(undefined);
	const newest = useRef({ now, changed });
	newest.current = { now, changed };
	useEffect(() => {
		let gone = false;
		void import("./editor").then(({ edit }) => {
			if (gone || !element.current) return;
			const write = (text: string) => newest.current.changed?.(text);
			editor.current = edit(element.current, newest.current.now(), language, label, changed && write);
		});
		return () => {
			gone = true;
			editor.current?.close();
		};
	}, [language, label, Boolean(changed)]);
	useEffect(() => editor.current?.show(newest.current.now()));
	return element;
}
