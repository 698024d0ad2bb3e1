/** The logs of a Space as they grow: followed, filtered, saved. */

import { Download, LockKeyhole, ScrollText } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Empty } from "../../../parts/empty";
import { Segmented } from "../../../parts/segmented";
import { HubError } from "../../../services/hub/http";
import type { LogLine } from "../../../services/hub/logs";
import { saveAs } from "../../../services/hub/repository";
import { address, navigate } from "../../../services/hub/router";
import type { SpaceSummary } from "../../../services/hub/spaces";
import { Problem } from "../../../views/loaded";
import { useLog } from "./loglines";

const LINES_MAX = 5000;
const KINDS = [
	["run", "Run"],
	["build", "Build"],
] as const;
const TIME = new Intl.DateTimeFormat("en", { hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const NEAR_PX = 40;

/** How loud a line is, by the words that loggers and Python write. */
function levelOf(text: string): string {
	if (/^\s*(Traceback|\w*(Error|Exception)\b)|\b(ERROR|CRITICAL|FATAL)\b/.test(text)) return "bad";
	return /\b(WARN|WARNING)\b|Warning:/.test(text) ? "warn" : "";
}

export function LogsTab({ space }: { space: SpaceSummary }) {
	const kind = new URL(address.value).searchParams.get("log") === "build" ? "build" : "run";
	const [filter, setFilter] = useState("");
	const [follows, setFollows] = useState(true);
	const { lines, lost, problem } = useLog(space.id, kind, LINES_MAX);
	if (problem instanceof HubError && [401, 403].includes(problem.status)) {
		return <Empty icon={LockKeyhole} title="Only those who may change the Space can read its logs" text="Sign in as one of them, or use a token, at the top right." />;
	}
	const words = filter.toLowerCase();
	const shown = words ? lines.filter((line) => line.data.toLowerCase().includes(words)) : lines;
	const choose = (name: "run" | "build") => {
		const to = new URL(address.value);
		to.search = name === "build" ? "?log=build" : "";
		navigate(to.href);
	};
	const save = () => saveAs(new Blob(lines.map((line) => `${line.timestamp} ${line.data}`)), `${space.id.replace("/", "-")}-${kind}.log`);
	return (
		<>
			<div class="filters" role="group" aria-label="The log">
				<Segmented label="Which log" options={KINDS} value={kind} change={choose} />
				<input
					type="search"
					class="filter"
					aria-label="Show lines with"
					placeholder="Show lines with …"
					value={filter}
					onInput={(event) => setFilter(event.currentTarget.value)}
				/>
				<span class="gap" role="status">
					{lost && "Reconnecting…"}
				</span>
				<label class="check">
					<input type="checkbox" checked={follows} onChange={(event) => setFollows(event.currentTarget.checked)} />
					Follow
				</label>
				<Button small icon={Download} onClick={save} disabled={!lines.length}>
					Download
				</Button>
			</div>
			{problem && <Problem title="The log cannot be read" text={problem.message} />}
			<Lines lines={shown} kind={kind} follows={follows} setFollows={setFollows} />
			{words && !shown.length && <p class="empty">No line of {lines.length} has “{filter}”.</p>}
			{!words && !lines.length && !problem && (
				<Empty icon={ScrollText} title="Nothing was printed yet" text={kind === "run" ? "What the app prints stands here at once." : "The next build writes here."} />
			)}
		</>
	);
}

interface LinesProps {
	lines: LogLine[];
	kind: string;
	follows: boolean;
	setFollows: (follows: boolean) => void;
}

/** Scrolling up ends following, scrolling to the end begins it. */
function Lines({ lines, kind, follows, setFollows }: LinesProps) {
	const element = useRef<HTMLPreElement>(null);
	useEffect(() => {
		if (follows) element.current?.scrollTo({ top: element.current.scrollHeight });
	}, [lines, follows]);
	const onScroll = () => {
		const own = element.current;
		if (own) setFollows(own.scrollHeight - own.scrollTop - own.clientHeight < NEAR_PX);
	};
	return (
		<pre ref={element} class="log" tabIndex={0} aria-label={`The ${kind} log`} onScroll={onScroll} hidden={!lines.length}>
			{lines.map((line, index) => (
				<span key={index} class={`line ${levelOf(line.data)}`}>
					<time>{TIME.format(Date.parse(line.timestamp) || 0)} </time>
					{line.data}
				</span>
			))}
		</pre>
	);
}
