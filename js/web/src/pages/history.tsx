/** The calls of this browser and of the account: how they went, their results, and their inputs to use again. */

import { Code as CodeIcon, Ellipsis, FolderOpen, History as HistoryIcon, Play, SquareX, Trash2 } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { Badge, type Tone } from "../parts/badge";
import { Button, IconButton } from "../parts/button";
import { CodeBlock } from "../parts/codeblock";
import { Dialog } from "../parts/dialog";
import { Empty } from "../parts/empty";
import { Menu } from "../parts/menu";
import { Tabs } from "../parts/tabs";
import type { Call } from "../services/call";
import type { HistoryEntry } from "../services/history";
import { cancelJob, listAccountJobs, readJob, retryJob } from "../services/jobs";
import { writeSnippets, type Snippet } from "../services/snippets";
import type { SpaceView } from "../services/space";
import "./history.css";

/** So many of the newest are asked about. */
const ASKED_MAX = 30;
const AGAIN_MS = 2000;
/** How often the account's jobs are asked for while none of them runs. */
const ACCOUNT_MS = 10_000;
const SUMMARY_MAX = 120;
const TONES: Record<string, Tone> = { succeeded: "good", failed: "bad", cancelled: "neutral", expired: "neutral" };
const LANGUAGES = [
	["python", "Python"],
	["javascript", "JavaScript"],
	["bash", "bash"],
] as const;

interface Props {
	space: SpaceView;
	calls: Call[];
	/** Shows an endpoint's page. */
	show: (endpoint: string) => void;
}

const hasEnded = (entry: HistoryEntry) => entry.state !== undefined && entry.state in TONES;

export function HistoryPage({ space, calls, show }: Props) {
	const { history } = space;
	const entries = history.entries.value;
	const [code, setCode] = useState<HistoryEntry>();
	const others = useAccountJobs(space).filter((one) => !entries.some(({ job }) => job === one.job));
	useOpenJobs(space);
	const list = (of: HistoryEntry[]) => (
		<ul class="card">
			{of.map((entry) => (
				<Entry key={entry.job} space={space} entry={entry} call={calls.find((one) => one.endpoint.name === entry.endpoint)} show={show} code={setCode} />
			))}
		</ul>
	);
	const own = (
		<section class="history" aria-label="Calls of this browser">
			<div class="head">
				<h2>Calls of this browser</h2>
				<Button small look="ghost" icon={Trash2} onClick={() => history.clear()}>
					Clear the list
				</Button>
			</div>
			{list(entries)}
			<p>
				<small>The list and the inputs are kept in this browser, without files and passwords. The server keeps results for a while.</small>
			</p>
		</section>
	);
	if (!entries.length && !others.length) {
		return <Empty icon={HistoryIcon} title="No calls yet" text="Calls that you make on this page are listed here, in this browser." />;
	}
	return (
		<>
			{entries.length > 0 && own}
			{others.length > 0 && (
				<section class="history" aria-label="Other calls of your account">
					<div class="head">
						<h2>Other calls of your account</h2>
					</div>
					{list(others)}
					<p>
						<small>Made in another browser, or by a program. The server keeps results for a while, and the inputs of failed calls alone.</small>
					</p>
				</section>
			)}
			<Dialog title="The call as code" open={code !== undefined} close={() => setCode(undefined)} class="wide">
				{code && <AsCode space={space} entry={code} />}
			</Dialog>
		</>
	);
}
/** The jobs of the account on the server, asked for again while one of them runs. */
function useAccountJobs(space: SpaceView): HistoryEntry[] {
	const [found, setFound] = useState<HistoryEntry[]>([]);
	useEffect(() => {
		if (!space.resumable || space.user === null) return;
		let timer: ReturnType<typeof setTimeout> | undefined;
		let closed = false;
		const ask = async () => {
			const jobs = await listAccountJobs(space).catch(() => []);
			if (closed) return;
			setFound(jobs);
			timer = setTimeout(() => void ask(), jobs.every(hasEnded) ? ACCOUNT_MS : AGAIN_MS);
		};
		void ask();
		return () => {
			closed = true;
			clearTimeout(timer);
		};
	}, []);
	return found;
}

/** Asks the server how the newest calls go, and again while one of them runs. */
function useOpenJobs(space: SpaceView): void {
	const { history } = space;
	useEffect(() => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		let closed = false;
		const ask = async () => {
			history.reload();
			const open = history.entries.value.slice(0, ASKED_MAX).filter((entry) => !hasEnded(entry));
			for (const entry of open) {
				const known = await readJob(space, entry.job).catch(() => undefined);
				if (closed) return;
				if (known) history.update(entry.job, known);
			}
			if (!closed && open.length) timer = setTimeout(() => void ask(), AGAIN_MS);
		};
		void ask();
		return () => {
			closed = true;
			clearTimeout(timer);
		};
	}, []);
}

interface EntryProps {
	space: SpaceView;
	entry: HistoryEntry;
	call: Call | undefined;
	show: (endpoint: string) => void;
	code: (entry: HistoryEntry) => void;
}

function Entry({ space, entry, call, show, code }: EntryProps) {
	const ended = hasEnded(entry);
	const load = () => call && call.fillNamed(entry.given);
	const open = () => {
		load();
		void call?.attach(entry.job);
		show(entry.endpoint);
	};
	const [problem, setProblem] = useState("");
	const again = () => {
		if (entry.elsewhere) {
			retryJob(space, entry.job).then(
				(job) => {
					void call?.attach(job);
					show(entry.endpoint);
				},
				(error: Error) => setProblem(error.message),
			);
			return;
		}
		load();
		void call?.run();
		show(entry.endpoint);
	};
	const mayRun = call && (entry.elsewhere ? entry.state === "failed" : !entry.omitted.length);
	return (
		<li>
			<div class="state">
				<Badge tone={ended ? (TONES[entry.state ?? ""] ?? "neutral") : "busy"}>{entry.state ?? "sent"}</Badge>
			</div>
			<button type="button" class="ghost what" disabled={!call} onClick={open}>
				<code>/{entry.endpoint}</code>
				<span dir="auto">{problem || summaryOf(entry)}</span>
			</button>
			<small>{entry.took_s === undefined ? "" : `${entry.took_s.toFixed(2)} s`}</small>
			<time dateTime={new Date(entry.sent_at).toISOString()}>{new Date(entry.sent_at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}</time>
			<div class="row">
				{!ended && <IconButton label="Cancel the call" icon={SquareX} onClick={() => void cancelJob(space, entry.job, entry.session)} />}
				<IconButton label="Run again" icon={Play} disabled={!mayRun} onClick={again} />
				{!entry.elsewhere && <Menu
					label={`More about the call of /${entry.endpoint}`}
					icon={Ellipsis}
					items={[
						{
							text: "Load the inputs",
							icon: FolderOpen,
							disabled: !call,
							...(entry.omitted.length > 0 && { hint: `without ${entry.omitted.join(", ")}` }),
							action: () => {
								load();
								show(entry.endpoint);
							},
						},
						{ text: "Show as code", icon: CodeIcon, action: () => code(entry) },
						{ text: "Remove from the list", icon: Trash2, action: () => space.history.remove(entry.job) },
					]}
				/>}
			</div>
		</li>
	);
}

function summaryOf({ given, omitted }: HistoryEntry): string {
	const parts = Object.values(given).map((value) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "")));
	const text = [...parts, ...omitted.map((name) => `[${name}]`)].join(" · ");
	return text.length > SUMMARY_MAX ? `${text.slice(0, SUMMARY_MAX - 1)}…` : text;
}

function AsCode({ space, entry }: { space: SpaceView; entry: HistoryEntry }) {
	const [language, setLanguage] = useState<string>("python");
	const [snippets, setSnippets] = useState<Record<string, Snippet>>();
	const [problem, setProblem] = useState("");
	useEffect(() => {
		writeSnippets(space, [{ name: entry.endpoint, given: entry.given, outputs: [], failed: false }], "").then(setSnippets, (error: Error) =>
			setProblem(error.message),
		);
	}, [entry]);
	return (
		<>
			<Tabs segments label="Language" tabs={LANGUAGES} chosen={language as "python"} choose={setLanguage} panel="call-code" />
			<div id="call-code" role="tabpanel" aria-labelledby={`call-code-tab-${language}`}>
				<CodeBlock code={snippets?.[language]?.whole ?? (problem || "…")} language={language} />
			</div>
		</>
	);
}
