/** All users: tier, whether they are admins, a link for a new password, deletion. */

import { KeyRound, Plus, ShieldCheck, ShieldOff } from "lucide";
import { useId, useState } from "preact/hooks";
import { Badge } from "../../../parts/badge";
import { Banner } from "../../../parts/banner";
import { Button, CopyButton, IconButton } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Empty } from "../../../parts/empty";
import { Field } from "../../../parts/field";
import { Select } from "../../../parts/select";
import { Skeleton } from "../../../parts/skeleton";
import { addUser, changeUser, listTiers, listUsers, makeReset, pathOfRemoval, type User } from "../../../services/hub/admin";
import { addressOfOwner } from "../../../services/hub/router";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { viewer } from "../../../services/hub/viewer";
import { Problem, useLoaded } from "../../../views/loaded";
import { agoText, dateText } from "../../../views/time";
import { RemovalButton } from "../settings/removal";
import { addressOfLog } from "./log";

const SHOWN = 100;
/** Callers without an account have this tier, and nobody else. */
const ANONYMOUS = "anonymous";

export function UsersPage() {
	const [found, problem, reload] = useLoaded(() => Promise.all([listUsers(), listTiers()]), "users");
	const [filter, setFilter] = useState("");
	const [most, setMost] = useState(SHOWN);
	const [link, setLink] = useState<{ user: string; text: string }>();
	if (problem) return <Problem title="The users cannot be shown" text={problem} />;
	if (!found) return <Skeleton lines={8} height_px={36} />;
	const [users, tiers] = found;
	const names = tiers.map((one) => one.name).filter((name) => name !== ANONYMOUS);
	const matching = users.filter(({ name }) => name.toLowerCase().includes(filter.trim().toLowerCase()));
	const act = (what: Promise<unknown>, text: string, user: string) =>
		void what.then(
			() => {
				showToast(text, user);
				reload();
			},
			(error: unknown) => {
				showFailure(error);
				reload();
			},
		);
	const reset = (user: string) => void makeReset(user).then((text) => setLink({ user, text }), showFailure);
	return (
		<>
			<NewUser tiers={names} added={reload} />
			{link && (
				<Banner tone="good" role="status" title={`A link with which ${link.user} sets a new password, once within a day: copy it now`}>
					<div class="made">
						<code>{link.text}</code>
						<CopyButton text={link.text} />
					</div>
				</Banner>
			)}
			<div class="filters" role="group" aria-label="Filters">
				<input class="filter" type="search" aria-label="Filter users" placeholder="Filter" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
				<small>
					{matching.length} of {users.length} users
				</small>
			</div>
			{matching.length === 0 && <Empty title="No such user" />}
			{matching.length > 0 && (
				<div class="sheet" role="region" aria-label="Users" tabIndex={0}>
					<table>
						<thead>
							<tr>
								<th scope="col">Name</th>
								<th scope="col">Tier</th>
								<th scope="col">Since</th>
								<th scope="col">
									<span class="visually-hidden">Actions</span>
								</th>
							</tr>
						</thead>
						<tbody>
							{matching.slice(0, most).map((one) => (
								<Row key={one.name} user={one} tiers={names} act={act} reset={() => reset(one.name)} changed={reload} />
							))}
						</tbody>
					</table>
				</div>
			)}
			{matching.length > most && (
				<div class="more">
					<Button onClick={() => setMost(most + SHOWN)}>Show more</Button>
				</div>
			)}
		</>
	);
}

interface RowProps {
	user: User;
	tiers: string[];
	act: (what: Promise<unknown>, text: string, user: string) => void;
	reset: () => void;
	changed: () => void;
}

function Row({ user, tiers, act, reset, changed }: RowProps) {
	const { name, tier, admin, createdAt } = user;
	const options = (tiers.includes(tier) ? tiers : [tier, ...tiers]).map((one) => [one, one] as const);
	const own = viewer.value?.name === name;
	return (
		<tr>
			<td>
				<a href={addressOfOwner(name)}>{name}</a> {admin && <Badge tone="accent">Admin</Badge>}
			</td>
			<td>
				<Select label={`Tier of ${name}`} options={options} value={tier} change={(to) => act(changeUser(name, { tier: to }), `Now of the tier ${to}`, name)} />
			</td>
			<td>
				<time data-tip={dateText(createdAt * 1000)}>{agoText(createdAt * 1000)}</time>
			</td>
			<td class="actions">
				<div class="row">
					<a class="button small ghost" href={addressOfLog(name)} aria-label={`Log of ${name}`}>
						Log
					</a>
					<IconButton label={`New password for ${name}`} icon={KeyRound} onClick={reset} />
					<IconButton
						label={admin ? `Take the rights of an admin from ${name}` : `Make ${name} an admin`}
						icon={admin ? ShieldOff : ShieldCheck}
						onClick={() => act(changeUser(name, { admin: !admin }), admin ? "No admin any more" : "An admin now", name)}
					/>
					{!own && <RemovalButton name={name} path={pathOfRemoval(name)} password={false} gone={changed} compact />}
				</div>
			</td>
		</tr>
	);
}

function NewUser({ tiers, added }: { tiers: string[]; added: () => void }) {
	const id = useId();
	const [name, setName] = useState("");
	const [tier, setTier] = useState("free");
	const [problem, setProblem] = useState<string>();
	const add = (event: Event) => {
		event.preventDefault();
		addUser(name.trim(), tier).then(
			() => {
				showToast("Added", `${name.trim()} has no password yet: make a link for one.`);
				setName("");
				setProblem(undefined);
				added();
			},
			(error: Error) => setProblem(error.message),
		);
	};
	return (
		<Card title="New user">
			<form class="add" onSubmit={add}>
				<Field id={id} label="Name" problem={problem}>
					<input id={id} autocomplete="off" spellcheck={false} value={name} aria-describedby={`${id}-problem`} onInput={(event) => setName(event.currentTarget.value)} />
				</Field>
				<Field id={`${id}-tier`} label="Tier">
					<Select id={`${id}-tier`} options={tiers.map((one) => [one, one] as const)} value={tier} change={setTier} />
				</Field>
				<Button type="submit" icon={Plus} disabled={!name.trim()}>
					Add
				</Button>
			</form>
		</Card>
	);
}
