/** What was done in one's name: each change with the token or browser that made it. */

import { ScrollText, X } from "lucide";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Badge } from "../../../parts/badge";
import { Button, IconButton } from "../../../parts/button";
import { Empty } from "../../../parts/empty";
import { Skeleton } from "../../../parts/skeleton";
import { getLog, type LogEntry } from "../../../services/hub/account";
import { address, addressOfSettings, navigate } from "../../../services/hub/router";
import { Problem, useLoaded } from "../../../views/loaded";
import { agoText, dateText } from "../../../views/time";

const PAGE = 100;

export function LogPage() {
	const credential = new URL(address.value).searchParams.get("credential") ?? "";
	return (
		<LogView of={credential} load={() => getLog(credential)}>
			{credential && (
				<span class="chosen">
					{credential}
					<IconButton label={`Remove the filter ${credential}`} icon={X} onClick={() => navigate(addressOfSettings("log"))} />
				</span>
			)}
		</LogView>
	);
}

interface Props {
	/** What the log is of: when it changes, it is loaded anew. */
	of: string;
	load: () => Promise<LogEntry[]>;
	/** More filters. */
	children: ComponentChildren;
}

export function LogView({ of, load, children }: Props) {
	const [entries, problem] = useLoaded(load, of);
	const [filter, setFilter] = useState("");
	const [most, setMost] = useState(PAGE);
	const found = entries?.filter((one) => `${one.credential} ${one.action} ${one.address} ${one.status}`.toLowerCase().includes(filter.toLowerCase()));
	return (
		<>
			<p>The newest 1,000 requests that changed something, or tried to, with a browser or a token.</p>
			<div class="filters" role="group" aria-label="Filters">
				<input class="filter" type="search" aria-label="Show entries with" placeholder="Filter" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
				{children}
			</div>
			{problem && <Problem title="The log cannot be shown" text={problem} />}
			{!found && !problem && <Skeleton lines={6} height_px={36} />}
			{found?.length === 0 && <Empty icon={ScrollText} title="No such entries" text="Here stands each request that changes something." />}
			{found && found.length > 0 && <Entries entries={found.slice(0, most)} />}
			{found && found.length > most && (
				<div class="more">
					<Button onClick={() => setMost(most + PAGE)}>Show more</Button>
				</div>
			)}
		</>
	);
}

/** `accounts`: they are those of more than one. */
export function Entries({ entries, accounts = false }: { entries: (LogEntry & { account?: string; id?: number })[]; accounts?: boolean }) {
	return (
		<div class="sheet" role="region" aria-label="Log" tabIndex={0}>
			<table>
				<thead>
					<tr>
						<th scope="col">When</th>
						{accounts && <th scope="col">Who</th>}
						<th scope="col">With</th>
						<th scope="col">What</th>
						<th scope="col">Result</th>
						<th scope="col">From</th>
					</tr>
				</thead>
				<tbody>
					{entries.map((one) => (
						<tr key={one.id ?? `${one.at} ${one.action}`}>
							<td>
								<time dateTime={new Date(one.at * 1000).toISOString()} data-tip={dateText(one.at * 1000)}>
									{agoText(one.at * 1000)}
								</time>
							</td>
							{accounts && <td>{one.account}</td>}
							<td>{one.credential}</td>
							<td>
								<code>{one.action}</code>
							</td>
							<td>
								{one.status > 0 && <Badge tone={one.status < 400 ? "good" : "bad"}>{one.status}</Badge>}
							</td>
							<td>{one.address}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
