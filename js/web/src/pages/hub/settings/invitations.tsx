/** Links that let whoever has them join an organization, or sign up at the hub: made, copied, revoked. */

import { Link, Trash2 } from "lucide";
import { useId, useState } from "preact/hooks";
import { Badge } from "../../../parts/badge";
import { Banner } from "../../../parts/banner";
import { Button, CopyButton, IconButton } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import { Icon } from "../../../parts/icon";
import { Select } from "../../../parts/select";
import { type Invitation, invite, type NewInvitation, ROLES, type Role, revokeInvitation } from "../../../services/hub/organizations";
import { getMailAddress } from "../../../services/hub/signin";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { useLoaded } from "../../../views/loaded";
import { dateText } from "../../../views/time";

const DAYS = [
	["1", "1 day"],
	["7", "7 days"],
	["30", "30 days"],
	["90", "90 days"],
] as const;
const ROLE_OPTIONS = ROLES.map((role) => [role, role] as const);

interface Props {
	/** undefined: invitations to the hub. */
	organization?: string;
	/** Those that can be used. */
	open: Invitation[];
	changed: () => void;
}

export function InvitationsCard({ organization, open, changed }: Props) {
	const id = useId();
	const [role, setRole] = useState<Role>("read");
	const [days, setDays] = useState<string>("7");
	const [uses, setUses] = useState("1");
	const [email, setEmail] = useState("");
	const [made, setMade] = useState<NewInvitation>();
	const [own] = useLoaded(getMailAddress, "mail");
	const [refused, setRefused] = useState<string>();
	const make = (event: Event) => {
		event.preventDefault();
		invite({ ...(organization !== undefined && { role }), days: Number(days), uses: Number(uses), ...(email && { email }) }, organization).then(
			(invitation) => {
				setMade(invitation);
				setEmail("");
				setRefused(undefined);
				changed();
			},
			(error: Error) => setRefused(error.message),
		);
	};
	const revoke = (number: number) =>
		void revokeInvitation(number, organization).then(() => {
			showToast("The link is revoked", "Nobody can use it any more.");
			setMade(undefined);
			changed();
		}, showFailure);
	return (
		<Card title="Invitations">
			<p>Whoever opens the link {organization === undefined ? "can make an account" : "joins, with a new account or their own"}.</p>
			<form class="add" onSubmit={make}>
				{organization !== undefined && (
					<Field id={`${id}-role`} label="Role">
						<Select<Role> id={`${id}-role`} options={ROLE_OPTIONS} value={role} change={setRole} />
					</Field>
				)}
				<Field id={`${id}-uses`} label="Uses" problem={refused}>
					<input id={`${id}-uses`} type="number" min={1} max={1000} value={uses} aria-describedby={`${id}-uses-problem`} onInput={(event) => setUses(event.currentTarget.value)} />
				</Field>
				<Field id={`${id}-days`} label="Valid for">
					<Select id={`${id}-days`} options={DAYS} value={days} change={setDays} />
				</Field>
				{own?.mail && (
					<Field id={`${id}-email`} label="Mail it to">
						<input id={`${id}-email`} type="email" value={email} placeholder="nobody" onInput={(event) => setEmail(event.currentTarget.value)} />
					</Field>
				)}
				<Button type="submit" icon={Link}>
					Make a link
				</Button>
			</form>
			{made && (
				<Banner tone={made.mailed === false ? "warn" : "good"} role="status" title={titleOf(made)}>
					<div class="made">
						<code>{made.link}</code>
						<CopyButton text={made.link} />
					</div>
				</Banner>
			)}
			{open.length > 0 && (
				<ul class="entries" aria-label="Open invitations">
					{open.map((one) => (
						<li key={one.id}>
							<Icon of={Link} />
							<div>
								{one.usesLeft} {one.usesLeft === 1 ? "use" : "uses"} left
								<small>
									{one.inviter && `by ${one.inviter} · `}until {dateText(one.expiresAt * 1000)}
								</small>
							</div>
							{one.role && <Badge>{one.role}</Badge>}
							<IconButton label={`Revoke invitation ${one.id}`} icon={Trash2} onClick={() => revoke(one.id)} />
						</li>
					))}
				</ul>
			)}
		</Card>
	);
}

function titleOf({ mailed, problem }: NewInvitation): string {
	if (mailed === false) return `The link is made, and was not mailed: ${problem}`;
	return mailed ? "The link is mailed; here it is once more" : "The link is made: copy it now, it is not shown again";
}
