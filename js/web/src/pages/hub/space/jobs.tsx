/** The jobs of a Space: the visitor's, or everybody's for who may change it. */

import { ListChecks, LogIn, RotateCcw, X } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { Badge, type Tone } from "../../../parts/badge";
import { Button, IconButton } from "../../../parts/button";
import { Empty } from "../../../parts/empty";
import { Segmented } from "../../../parts/segmented";
import { Select } from "../../../parts/select";
import { Skeleton } from "../../../parts/skeleton";
import { cancelJob, listSpaceJobs, type JobPage, retryJob, type SpaceJob } from "../../../services/hub/jobs";
import type { SpaceSummary } from "../../../services/hub/spaces";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { viewer } from "../../../services/hub/viewer";
import { agoText, dateText, durationText } from "../../../views/time";
import { Problem } from "../../../views/loaded";

const POLL_INTERVAL_MS = 3000;
const STATES = [
	["", "Any state"],
	["queued", "Waiting"],
	["running", "Running"],
	["succeeded", "Succeeded"],
	["failed", "Failed"],
	["cancelled", "Cancelled"],
] as const;
const WHOSE = [
	["mine", "Mine"],
	["all", "Everybody's"],
] as const;
const TONES: Record<SpaceJob["state"], Tone> = { queued: "neutral", running: "busy", succeeded: "good", failed: "bad", cancelled: "neutral" };
const NAMES = Object.fromEntries(STATES) as Record<string, string>;

/** The first page is asked for again while it is shown; older pages stay as they were. */
function useJobs(id: string, all: boolean, state: string): { page: JobPage | undefined; problem: string; more: () => void; ask: () => void } {
	const [page, setPage] = useState<JobPage>();
	const [older, setOlder] = useState<JobPage>();
	const [problem, setProblem] = useState("");
	const key = `${id} ${all} ${state} ${viewer.value?.name}`;
	const ask = () =>
		listSpaceJobs(id, { all, state }).then(
			(found) => {
				setPage(found);
				setProblem("");
			},
			(error: Error) => setProblem(error.message),
		);
	useEffect(() => {
		setPage(undefined);
		setOlder(undefined);
		void ask();
		const timer = setInterval(() => document.hidden || void ask(), POLL_INTERVAL_MS);
		return () => clearInterval(timer);
	}, [key]);
	const before = older ? older.next : page?.next;
	const more = () => {
		if (!before) return;
		listSpaceJobs(id, { all, state, before }).then((found) => setOlder({ jobs: [...(older?.jobs ?? []), ...found.jobs], next: found.next }), showFailure);
	};
	const known = new Set(page?.jobs.map((job) => job.id));
	const jobs = page && [...page.jobs, ...(older?.jobs.filter((job) => !known.has(job.id)) ?? [])];
	return { page: jobs && { jobs, next: before ?? null }, problem, more, ask: () => void ask() };
}

export function JobsTab({ space }: { space: SpaceSummary }) {
	const [chosen, setWhose] = useState<"mine" | "all">();
	const whose = chosen ?? (space.canWrite ? "all" : "mine");
	const [state, setState] = useState("");
	const all = whose === "all" && Boolean(space.canWrite);
	const { page, problem, more, ask } = useJobs(space.id, all, state);
	if (viewer.value === null) {
		return (
			<Empty
				icon={LogIn}
				title="Here are your calls of this Space"
				text="Sign in, or use a token, at the top right. Calls of nobody are listed on the app's own page, in the browser that made them."
			/>
		);
	}
	return (
		<>
			<div class="filters" role="group" aria-label="Filters">
				{space.canWrite && <Segmented label="Whose" options={WHOSE} value={whose} change={setWhose} />}
				<Select label="State" options={STATES} value={state as ""} change={setState} />
			</div>
			{problem && <Problem title="The jobs cannot be shown" text={problem} />}
			{!page && !problem && <Skeleton lines={6} height_px={40} />}
			{page && !page.jobs.length && (
				<Empty icon={ListChecks} title={state ? "No job in this state" : "No jobs yet"} text="Each call of this Space is listed here, for a day after it has ended." />
			)}
			{page && page.jobs.length > 0 && <Table space={space} jobs={page.jobs} all={all} changed={ask} />}
			{page?.next && (
				<div class="more">
					<Button onClick={more}>Show more</Button>
				</div>
			)}
		</>
	);
}

function Table({ space, jobs, all, changed }: { space: SpaceSummary; jobs: SpaceJob[]; all: boolean; changed: () => void }) {
	return (
		<div class="sheet" tabIndex={0} role="region" aria-label="Jobs">
			<table>
				<thead>
					<tr>
						<th scope="col">State</th>
						<th scope="col">Endpoint</th>
						{all && <th scope="col">Caller</th>}
						<th scope="col">Called</th>
						<th scope="col" class="number">
							Waited
						</th>
						<th scope="col" class="number">
							Ran
						</th>
						<th scope="col">
							<span class="visually-hidden">Actions</span>
						</th>
					</tr>
				</thead>
				<tbody>
					{jobs.map((job) => (
						<Row key={job.id} space={space} job={job} all={all} changed={changed} />
					))}
				</tbody>
			</table>
		</div>
	);
}

function Row({ space, job, all, changed }: { space: SpaceSummary; job: SpaceJob; all: boolean; changed: () => void }) {
	const now = Date.now() / 1000;
	const waited = (job.started_at ?? job.finished_at ?? now) - job.accepted_at;
	const ran = job.started_at === null ? undefined : (job.finished_at ?? now) - job.started_at;
	const act = (what: Promise<unknown>, text: string) =>
		void what.then(() => {
			showToast(text, `/${job.endpoint}`);
			changed();
		}, showFailure);
	return (
		<tr>
			<td>
				<Badge tone={TONES[job.state]}>
					{NAMES[job.state]}
					{job.state === "queued" && job.rank !== null && ` (${job.rank + 1})`}
				</Badge>
			</td>
			<td>
				<code>/{job.endpoint}</code>
				{job.error && (
					<p class="why" dir="auto">
						{job.error.message}
					</p>
				)}
			</td>
			{all && <td>{job.user ?? <small>anonymous</small>}</td>}
			<td>
				<time dateTime={new Date(job.accepted_at * 1000).toISOString()} data-tip={dateText(job.accepted_at * 1000)}>
					{agoText(job.accepted_at * 1000)}
				</time>
			</td>
			<td class="number">{durationText(Math.max(0, waited))}</td>
			<td class="number">{ran === undefined ? "–" : durationText(Math.max(0, ran))}</td>
			<td class="actions">
				{(job.state === "queued" || job.state === "running") && (
					<IconButton label="Cancel" icon={X} onClick={() => act(cancelJob(space.id, job.id), "Cancelled")} />
				)}
				{job.state === "failed" && <IconButton label="Run again" icon={RotateCcw} onClick={() => act(retryJob(space.id, job.id), "It runs again")} />}
			</td>
		</tr>
	);
}
