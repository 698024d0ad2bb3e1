/** Who did what: signed in, made tokens, changed Spaces, members or tiers. */

import { ScrollText } from "lucide";
import { useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Empty } from "../../../parts/empty";
import { Select } from "../../../parts/select";
import { Skeleton } from "../../../parts/skeleton";
import { type AuditEntry, listUsers, searchAudit } from "../../../services/hub/admin";
import { address, addressOfAdmin, navigate } from "../../../services/hub/router";
import { showFailure } from "../../../services/hub/toasts";
import { Problem, useLoaded } from "../../../views/loaded";
import { Entries } from "../settings/log";

const FILTERS = ["user", "space", "action"] as const;
type Filter = (typeof FILTERS)[number];

export const addressOfLog = (user: string) => `${addressOfAdmin("log")}?user=${encodeURIComponent(user)}`;

/** The address of the page with one filter changed. */
function addressWith(key: Filter, value: string): string {
	const found = new URL(address.value);
	if (value) found.searchParams.set(key, value);
	else found.searchParams.delete(key);
	return found.href;
}

export function AuditPage() {
	const [users, problem] = useLoaded(listUsers, "users");
	if (problem) return <Problem title="The users cannot be shown" text={problem} />;
	if (!users) return <Skeleton lines={6} height_px={36} />;
	const query = new URL(address.value).searchParams;
	const [user, space, action] = FILTERS.map((key) => query.get(key) ?? "") as [string, string, string];
	const names = users.map(({ name }) => name);
	if (user && !names.includes(user)) names.push(user);
	const options = [["", "Everybody"], ...names.map((name) => [name, name])] as [string, string][];
	return (
		<>
			<p>Each request that changed something, or tried to; who signed in, or tried to; and what was done on the command line.</p>
			<div class="filters" role="group" aria-label="Filters">
				<Select label="User" options={options} value={user} change={(name) => navigate(addressWith("user", name))} />
				<TextFilter key={`space ${space}`} of="space" label="Space" example="owner/name" value={space} />
				<TextFilter key={`action ${action}`} of="action" label="Action contains" example="DELETE" value={action} />
			</div>
			<Found key={`${user}\n${space}\n${action}`} user={user} space={space} action={action} />
		</>
	);
}

function TextFilter({ of, label, example, value }: { of: Filter; label: string; example: string; value: string }) {
	const change = (text: string) => navigate(addressWith(of, text.trim()), { replace: true });
	return (
		<input
			class="filter"
			type="search"
			aria-label={label}
			placeholder={`${label}: ${example}`}
			value={value}
			spellcheck={false}
			onChange={(event) => change(event.currentTarget.value)}
		/>
	);
}

function Found({ user, space, action }: { user: string; space: string; action: string }) {
	const wanted = { account: user, space, action };
	const [page, problem] = useLoaded(() => searchAudit(wanted), "log");
	const [older, setOlder] = useState<AuditEntry[]>([]);
	const [next, setNext] = useState<number | null>();
	if (problem) return <Problem title="The log cannot be shown" text={problem} />;
	if (!page) return <Skeleton lines={6} height_px={36} />;
	const entries = [...page.entries, ...older];
	const before = next === undefined ? page.next : next;
	const more = () =>
		void searchAudit({ ...wanted, before: String(before) }).then((found) => {
			setOlder([...older, ...found.entries]);
			setNext(found.next);
		}, showFailure);
	return (
		<>
			{entries.length === 0 && <Empty icon={ScrollText} title="No such entries" text={before === null ? "" : "There may be older ones."} />}
			{entries.length > 0 && <Entries entries={entries} accounts />}
			{before !== null && (
				<div class="more">
					<Button onClick={more}>Show older entries</Button>
				</div>
			)}
		</>
	);
}
