/** What the hub's machine does now: processors, memory, disk, and the Spaces that run. */

import { useEffect } from "preact/hooks";
import { Empty } from "../../../parts/empty";
import { Skeleton } from "../../../parts/skeleton";
import { getMachine, getMail, type Machine } from "../../../services/hub/admin";
import { addressOfSpace } from "../../../services/hub/router";
import { sizeText } from "../../../views/file";
import { Problem, useLoaded } from "../../../views/loaded";
import { dateText } from "../../../views/time";
import { StageBadge } from "../stage";

const POLL_INTERVAL_MS = 3000;

export function MachinePage() {
	const [machine, problem, reload] = useLoaded(getMachine, "machine");
	useEffect(() => {
		const timer = setInterval(() => document.hidden || reload(), POLL_INTERVAL_MS);
		return () => clearInterval(timer);
	}, []);
	if (problem) return <Problem title="The machine cannot be shown" text={problem} />;
	if (!machine) return <Skeleton lines={6} height_px={44} />;
	return (
		<>
			<p>The hub runs since {dateText(machine.startedAt * 1000)}.</p>
			<Meters machine={machine} />
			<MailState />
			<Running machine={machine} />
		</>
	);
}

function Meters({ machine }: { machine: Machine }) {
	const { processors, load, memory, disk } = machine;
	return (
		<dl class="meters">
			<Meter name="Load" used={load[0] ?? 0} of={processors} text={`${load.map((one) => one.toFixed(2)).join(", ")} in 1, 5, 15 minutes; ${processors} processors`} />
			{memory && <Meter name="Memory" used={memory.total - memory.available} of={memory.total} text={`${sizeText(memory.available)} of ${sizeText(memory.total)} available`} />}
			<Meter name="Disk" used={disk.total - disk.free} of={disk.total} text={`${sizeText(disk.free)} of ${sizeText(disk.total)} free, where the hub's data is`} />
		</dl>
	);
}

const FULL = 0.9;

function Meter({ name, used, of, text }: { name: string; used: number; of: number; text: string }) {
	const share = of ? Math.min(1, used / of) : 0;
	return (
		<div class="card">
			<dt>{name}</dt>
			<dd>
				<strong>{Math.round((of ? used / of : 0) * 100)} %</strong>
				<meter min={0} max={1} high={FULL} optimum={0} value={share} aria-label={name} />
				<small>{text}</small>
			</dd>
		</div>
	);
}

function MailState() {
	const [mail] = useLoaded(getMail, "mail");
	if (!mail) return null;
	if (!mail.configured) return <p>The hub sends no mail: it has no SMTP server.</p>;
	return (
		<>
			<p>
				The hub has sent {mail.sent} {mail.sent === 1 ? "mail" : "mails"}; {mail.failed} could not be sent.
			</p>
			{mail.problem && <Problem title={`Mail: ${dateText(mail.problem.at * 1000)}`} text={mail.problem.text} />}
		</>
	);
}

function Running({ machine }: { machine: Machine }) {
	if (!machine.spaces.length) return <Empty title="No Space was used since the hub started" />;
	return (
		<div class="sheet" role="region" aria-label="Spaces since the hub started" tabIndex={0}>
			<table>
				<thead>
					<tr>
						<th scope="col">Space</th>
						<th scope="col">State</th>
						<th scope="col" class="number">
							Replicas
						</th>
						<th scope="col" class="number">
							Waiting
						</th>
						<th scope="col" class="number">
							Running
						</th>
					</tr>
				</thead>
				<tbody>
					{machine.spaces.map((one) => (
						<tr key={one.id}>
							<td>
								<a href={addressOfSpace(one.id)}>{one.id}</a>
							</td>
							<td>
								<StageBadge stage={one.stage} />
							</td>
							<td class="number">{one.replicas}</td>
							<td class="number">{one.queued}</td>
							<td class="number">{one.running}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
