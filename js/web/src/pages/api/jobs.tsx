/** The jobs of this browser's session, newest first. */

import { RefreshCw } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { getJobEvents, listJobs, type JobView } from "../../services/jobs";
import type { SpaceView } from "../../services/space";
import { useNear } from "../../views/deferred";

export function Jobs({ space }: { space: SpaceView }) {
	const [jobs, setJobs] = useState<JobView[]>();
	const [shown, setShown] = useState<[id: string, events: string]>();
	const [problem, setProblem] = useState("");
	const fail = (error: Error) => setProblem(error.message);
	const refresh = () => {
		listJobs(space).then((found) => {
			setJobs(found);
			setProblem("");
		}, fail);
	};
	const show = (id: string) => getJobEvents(space, id).then((events) => setShown([id, events]), fail);
	const element = useRef<HTMLElement>(null);
	const near = useNear(element);
	useEffect(() => {
		if (near) refresh();
	}, [near]);
	return (
		<section ref={element} class="card" aria-label="Your recent jobs">
			<div class="row">
				<h2>Your recent jobs</h2>
				<Button small icon={RefreshCw} onClick={refresh}>
					Refresh
				</Button>
			</div>
			{problem && (
				<p class="wrong" role="alert">
					{problem}
				</p>
			)}
			{jobs?.length ? (
				<div class="table">
					<table>
						<thead>
							<tr>
								<th scope="col">Endpoint</th>
								<th scope="col">State</th>
								<th scope="col">Accepted</th>
								<th scope="col">Took</th>
								<th scope="col">Job</th>
							</tr>
						</thead>
						<tbody>
							{jobs.map((job) => (
								<tr key={job.id}>
									<td>
										<code>/{job.endpoint}</code>
									</td>
									<td>
										<span class={`badge ${job.state}`}>{job.state}</span>
									</td>
									<td>{new Date(job.accepted_at * 1000).toLocaleTimeString()}</td>
									<td>{job.finished_at === null ? "" : `${(job.finished_at - (job.started_at ?? job.accepted_at)).toFixed(2)} s`}</td>
									<td>
										<button type="button" class="small" onClick={() => show(job.id)}>
											Result
										</button>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			) : (
				<p class="empty">No jobs in this session yet.</p>
			)}
			{shown && (
				<pre tabIndex={0} aria-label={`Result of job ${shown[0]}`}>
					<code>{shown[1]}</code>
				</pre>
			)}
		</section>
	);
}
