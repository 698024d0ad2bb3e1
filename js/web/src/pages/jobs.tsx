/** The caller's recent jobs. */

import { useEffect, useState } from "preact/hooks";
import type { SpaceView } from "../services/space";

interface JobView {
	id: string;
	endpoint: string;
	state: string;
	accepted_at: number;
	started_at: number | null;
	finished_at: number | null;
}

export function Jobs({ space }: { space: SpaceView }) {
	const [jobs, setJobs] = useState<JobView[]>();
	const [shown, setShown] = useState<[string, string]>();
	const api = `${space.root}${space.prefix ? `${space.prefix}/` : ""}`;
	const look = async () => {
		const answer = await space.client.fetch(`${api}jobs?session_hash=${encodeURIComponent(space.client.session_hash)}`);
		if (answer.ok) setJobs(((await answer.json()) as { jobs: JobView[] }).jobs);
	};
	const show = async (id: string) => {
		const answer = await space.client.fetch(`${api}call/any/${id}`);
		setShown([id, await answer.text()]);
	};
	useEffect(() => void look(), []);
	return (
		<section class="card" aria-label="Your recent jobs">
			<h2>Your recent jobs</h2>
			<button type="button" class="small" onClick={look}>
				Look again
			</button>
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
				<p class="nothing">None in this session yet.</p>
			)}
			{shown && (
				<pre tabIndex={0} aria-label={`Result of job ${shown[0]}`}>
					<code>{shown[1]}</code>
				</pre>
			)}
		</section>
	);
}
