/** A log as it grows, in a bounded number of lines. */

import { useEffect, useState } from "preact/hooks";
import { followLog, type LogKind, type LogLine } from "../../../services/hub/logs";
import { token } from "../../../services/token";

/** What programs write for terminals: colours, and moves of the cursor. */
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;

/** `problem`: why the log cannot be read. */
export interface Log {
	lines: LogLine[];
	problem: Error | undefined;
}

/** The newest `most` lines. New ones are shown together, once for each picture that the browser draws. */
export function useLog(id: string, kind: LogKind, most: number): Log {
	const [log, setLog] = useState<Log>({ lines: [], problem: undefined });
	const visitor = token.value;
	useEffect(() => {
		const stop = new AbortController();
		let waiting: LogLine[] = [];
		let timer = 0;
		setLog({ lines: [], problem: undefined });
		const show = () => {
			timer = 0;
			const added = waiting;
			waiting = [];
			setLog(({ lines }) => ({ lines: [...lines, ...added].slice(-most), problem: undefined }));
		};
		const follow = async () => {
			try {
				for await (const line of followLog(id, kind, stop.signal)) {
					waiting.push({ ...line, data: line.data.replace(ESCAPES, "") });
					timer ||= requestAnimationFrame(show);
				}
			} catch (error) {
				if (!stop.signal.aborted) setLog(({ lines }) => ({ lines, problem: error as Error }));
			}
		};
		void follow();
		return () => {
			stop.abort();
			cancelAnimationFrame(timer);
		};
	}, [id, kind, most, visitor]);
	return log;
}
