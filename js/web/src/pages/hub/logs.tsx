/** The logs of a Space, as they grow. */

import { useEffect, useState } from "preact/hooks";
import { HubError } from "../../services/hub/http";
import { followLog, type LogKind } from "../../services/hub/logs";
import { token } from "../../services/token";

const LINES_MAX = 5000;
const KINDS: [LogKind, string][] = [
	["run", "Run"],
	["build", "Build"],
];

export function LogsTab({ id }: { id: string }) {
	const [kind, setKind] = useState<LogKind>("run");
	const [lines, setLines] = useState<string[]>([]);
	const [problem, setProblem] = useState("");
	const visitor = token.value;
	useEffect(() => {
		const stop = new AbortController();
		setLines([]);
		setProblem("");
		const follow = async () => {
			try {
				for await (const line of followLog(id, kind, stop.signal)) setLines((before) => [...before, line].slice(-LINES_MAX));
			} catch (error) {
				if (stop.signal.aborted) return;
				const refused = error instanceof HubError && [401, 403].includes(error.status);
				setProblem(refused ? "Only those who may change the Space can read its logs: give a token above." : (error as Error).message);
			}
		};
		void follow();
		return () => stop.abort();
	}, [id, kind, visitor]);
	return (
		<div class="card">
			<div class="row">
				{KINDS.map(([name, text]) => (
					<button key={name} type="button" class="small" aria-pressed={kind === name} onClick={() => setKind(name)}>
						{text}
					</button>
				))}
			</div>
			{problem ? (
				<p class="wrong" role="alert">
					{problem}
				</p>
			) : (
				<pre class="log" tabIndex={0} aria-label={`The ${kind} log`}>
					{lines.join("")}
				</pre>
			)}
		</div>
	);
}
