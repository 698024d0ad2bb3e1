/** One's own account: who one is, how one signs in, the browsers and applications that are let in, and its end. */

import { ShieldCheck } from "lucide";
import { Badge } from "../../../parts/badge";
import { Card } from "../../../parts/card";
import { Icon } from "../../../parts/icon";
import { Skeleton } from "../../../parts/skeleton";
import { type Account, getAccount, listSessions, renameAccount } from "../../../services/hub/account";
import { listApplications } from "../../../services/hub/applications";
import { getMailAddress, getSecondFactor, getSingleSignOn, listPasskeys } from "../../../services/hub/signin";
import { addressOfOwner } from "../../../services/hub/router";
import { Problem, useLoaded } from "../../../views/loaded";
import { dateText } from "../../../views/time";
import { ApplicationsCard } from "./applications";
import { AccountRemoval } from "./removal";
import { MailCard, SingleSignOnCard } from "./elsewhere";
import { PasskeysCard } from "./passkeys";
import { PasswordCard } from "./password";
import { RenameCard } from "./rename";
import { SecondFactorCard } from "./secondfactor";
import { SessionsCard } from "./sessions";
import { StorageMeter } from "./storage";

export function AccountPage() {
	const [found, problem, reload] = useLoaded(
		() => Promise.all([getAccount(), listSessions(), getSecondFactor(), listPasskeys(), getSingleSignOn(), getMailAddress(), listApplications()]),
		"account",
	);
	if (problem) return <Problem title="Your account cannot be shown" text={problem} />;
	if (!found) return <Skeleton lines={8} />;
	const [account, sessions, factor, passkeys, signOn, address, applications] = found;
	return (
		<>
			<Profile account={account} />
			<PasswordCard account={account} changed={reload} />
			<SecondFactorCard account={account} factor={factor} changed={reload} />
			<PasskeysCard account={account} passkeys={passkeys} changed={reload} />
			<SingleSignOnCard signOn={signOn} changed={reload} />
			<MailCard account={account} address={address} changed={reload} />
			<SessionsCard sessions={sessions} changed={reload} />
			<ApplicationsCard applications={applications} changed={reload} />
			<RenameCard name={account.name} password={account.password} rename={renameAccount} renamed={() => location.reload()} />
			<AccountRemoval account={account} />
		</>
	);
}

function Profile({ account }: { account: Account }) {
	return (
		<Card label="Profile">
			<div class="person">
				<span class="avatar" aria-hidden="true">
					{account.name.slice(0, 1).toUpperCase()}
				</span>
				<div>
					<strong>
						<a href={addressOfOwner(account.name)}>{account.name}</a>
					</strong>
					<p>Since {dateText(account.createdAt * 1000)}</p>
					<StorageMeter {...account.storage} />
					<div class="badges">
						<Badge>Tier {account.tier}</Badge>
						{account.admin && (
							<Badge tone="accent">
								<Icon of={ShieldCheck} size={12} />
								Admin of this hub
							</Badge>
						)}
					</div>
				</div>
			</div>
		</Card>
	);
}
