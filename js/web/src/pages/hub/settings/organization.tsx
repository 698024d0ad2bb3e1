/** One organization: its members with their roles, invitations, leaving and deletion. */

import { LayoutGrid, LogOut, Trash2 } from "lucide";
import { useState } from "preact/hooks";
import { Badge } from "../../../parts/badge";
import { Button, IconButton } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Icon } from "../../../parts/icon";
import { Select } from "../../../parts/select";
import { Skeleton } from "../../../parts/skeleton";
import { getStorage, leaveOrganization, listInvitations, listMembers, type Member, pathOfOrganization, removeMember, renameOrganization, ROLES, type Role, setRole } from "../../../services/hub/organizations";
import { addressOfOrganization, addressOfOwner, addressOfSettings, navigate } from "../../../services/hub/router";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { reloadViewer, viewer } from "../../../services/hub/viewer";
import { Problem, useLoaded } from "../../../views/loaded";
import { dateText } from "../../../views/time";
import { InvitationsCard } from "./invitations";
import { RemovalButton } from "./removal";
import { RenameCard } from "./rename";
import { StorageMeter } from "./storage";

const ROLE_OPTIONS = ROLES.map((role) => [role, role] as const);

/** The visitor is in it no more. */
function left() {
	navigate(addressOfSettings("organizations"));
	void reloadViewer();
}

export function OrganizationPage({ name }: { name: string }) {
	const role = viewer.value?.organizations.find((one) => one.name === name)?.role;
	const manages = Boolean(viewer.value?.writes) && (role === "admin" || Boolean(viewer.value?.isAdmin));
	const [found, problem, reload] = useLoaded(() => Promise.all([listMembers(name), getStorage(name), manages ? listInvitations(name) : []]), `${name} ${manages}`);
	if (problem) return <Problem title={`${name} cannot be shown`} text={problem} />;
	if (!found) return <Skeleton lines={6} height_px={44} />;
	const [members, storage, open] = found;
	return (
		<>
			<div class="row">
				<a class="button" href={addressOfOwner(name)}>
					<Icon of={LayoutGrid} />
					Its Spaces
				</a>
				{role && <Leave name={name} />}
			</div>
			<StorageMeter {...storage} />
			<Card title="Members">
				<p>
					<b>read</b> sees private Spaces, <b>contributor</b> makes own ones, <b>write</b> changes all of them, <b>admin</b> also invites and gives roles.
				</p>
				<ul class="entries" aria-label="Members">
					{members.map((one) => (
						<MemberEntry key={one.user} organization={name} member={one} manages={manages} changed={reload} />
					))}
				</ul>
			</Card>
			{manages && <InvitationsCard organization={name} open={open} changed={reload} />}
			{manages && (
				<RenameCard name={name} password={false} rename={(own) => renameOrganization(name, own)} renamed={(own) => location.assign(addressOfOrganization(own))} />
			)}
			{manages && (
				<Card title="Delete this organization">
					<p>Its Spaces and their files go with it, for good.</p>
					<div>
						<RemovalButton name={name} path={pathOfOrganization(name)} password={false} gone={left} />
					</div>
				</Card>
			)}
		</>
	);
}

interface EntryProps {
	organization: string;
	member: Member;
	manages: boolean;
	changed: () => void;
}

function MemberEntry({ organization, member, manages, changed }: EntryProps) {
	const { user, role, since } = member;
	const own = viewer.value?.name === user;
	const after = (what: Promise<unknown>, text: string) =>
		void what.then(() => {
			showToast(text, user);
			changed();
			if (own) void reloadViewer();
		}, (error: unknown) => {
			showFailure(error);
			changed();
		});
	return (
		<li>
			<span class="avatar small" aria-hidden="true">
				{user.slice(0, 1).toUpperCase()}
			</span>
			<div>
				<strong>
					<a href={addressOfOwner(user)}>{user}</a>
				</strong>
				{own && " (you)"}
				<small>Since {dateText(Date.parse(since))}</small>
			</div>
			{manages ? (
				<>
					<Select<Role> label={`Role of ${user}`} options={ROLE_OPTIONS} value={role} change={(to) => after(setRole(organization, user, to), `Now with the role ${to}`)} />
					<IconButton label={`Remove ${user}`} icon={Trash2} disabled={own} onClick={() => after(removeMember(organization, user), "Removed")} />
				</>
			) : (
				<Badge>{role}</Badge>
			)}
		</li>
	);
}

/** Asks once more on the same button. */
function Leave({ name }: { name: string }) {
	const [asked, setAsked] = useState(false);
	const leave = () =>
		void leaveOrganization(name).then(() => {
			showToast("You have left", name);
			left();
		}, showFailure);
	return (
		<Button icon={LogOut} look={asked ? "danger" : "default"} onClick={() => (asked ? leave() : setAsked(true))} onBlur={() => setAsked(false)}>
			{asked ? `Leave ${name} now` : "Leave"}
		</Button>
	);
}
