/** The last lines of a log, below what they explain. */

import { useEffect, useRef } from "preact/hooks";
import type { LogKind } from "../../../services/hub/logs";
import { useLog } from "./loglines";

const LINES = 20;

export function LogTail({ id, kind }: { id: string; kind: LogKind }) {
	const { lines } = useLog(id, kind, LINES);
	const element = useRef<HTMLPreElement>(null);
	useEffect(() => element.current?.scrollTo({ top: element.current.scrollHeight }), [lines]);
	return (
		<pre ref={element} class="log tail" tabIndex={0} aria-label={`The end of the ${kind} log`}>
			{lines.map((line) => line.data).join("")}
		</pre>
	);
}
