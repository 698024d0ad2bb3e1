/** A log as it grows, in a bounded number of lines. */

import { useEffect, useState } from "preact/hooks";
import { HubError } from "../../../services/hub/http";
import { followLog, type LogKind, type LogLine } from "../../../services/hub/logs";
import { token } from "../../../services/token";

/** What programs write for terminals: colours, and moves of the cursor. */
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;

const RETRY_MS = 2000;

/** `lost`: the connection is, and is opened again. `problem`: why the log cannot be read. */
export interface Log {
	lines: LogLine[];
	lost: boolean;
	problem: Error | undefined;
}

const EMPTY: Log = { lines: [], lost: false, problem: undefined };

/** Whether the hub did not refuse: it is away, or starts anew. */
function isPassing(error: unknown): boolean {
	return error instanceof HubError ? !error.status || error.status >= 500 : error instanceof TypeError; // as `fetch` has it
}

/** The newest `most` lines. New ones are shown together, once for each picture that the browser draws. */
export function useLog(id: string, kind: LogKind, most: number): Log {
	const [log, setLog] = useState(EMPTY);
	const visitor = token.value;
	useEffect(() => {
		const stop = new AbortController();
		let waiting: LogLine[] = [];
		let timer = 0;
		let retry: ReturnType<typeof setTimeout>;
		/** Each connection begins with the log's first line: what was shown before stays until it comes. */
		let anew = true;
		setLog(EMPTY);
		const show = () => {
			timer = 0;
			const added = waiting;
			const from = anew;
			waiting = [];
			anew = false;
			setLog(({ lines }) => ({ ...EMPTY, lines: [...(from ? [] : lines), ...added].slice(-most) }));
		};
		const follow = async () => {
			waiting = [];
			anew = true;
			try {
				for await (const line of followLog(id, kind, stop.signal)) {
					waiting.push({ ...line, data: line.data.replace(ESCAPES, "") });
					timer ||= requestAnimationFrame(show);
				}
			} catch (error) {
				if (stop.signal.aborted) return;
				const lost = isPassing(error);
				setLog(({ lines }) => ({ lines, lost, problem: lost ? undefined : (error as Error) }));
				if (lost) retry = setTimeout(() => void follow(), RETRY_MS);
			}
		};
		void follow();
		return () => {
			stop.abort();
			clearTimeout(retry);
			cancelAnimationFrame(timer);
		};
	}, [id, kind, most, visitor]);
	return log;
}
