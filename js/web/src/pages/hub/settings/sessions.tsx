/** The browsers that are signed in; each can be signed out from here. */

import { Monitor, Smartphone } from "lucide";
import { Badge } from "../../../parts/badge";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Icon } from "../../../parts/icon";
import { type BrowserSession, endOtherSessions, endSession } from "../../../services/hub/account";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { signOut } from "../../../services/hub/viewer";
import { deviceText, isMobile } from "../../../views/device";
import { agoText, dateText } from "../../../views/time";

export function SessionsCard({ sessions, changed }: { sessions: BrowserSession[]; changed: () => void }) {
	const end = (what: Promise<unknown>, text: string) =>
		void what.then(() => {
			showToast("Signed out", text);
			changed();
		}, showFailure);
	return (
		<Card
			title="Sessions"
			actions={
				sessions.length > 1 && (
					<Button small onClick={() => end(endOtherSessions(), "All other browsers")}>
						Sign out all others
					</Button>
				)
			}
		>
			<p>Browsers that are signed in. Signing in lasts 30 days.</p>
			<ul class="entries" aria-label="Sessions">
				{sessions.map((one) => (
					<Session key={one.id} session={one} end={() => end(endSession(one.id), deviceText(one.device))} />
				))}
			</ul>
		</Card>
	);
}

function Session({ session, end }: { session: BrowserSession; end: () => void }) {
	const { device, address, createdAt, usedAt, current } = session;
	return (
		<li>
			<Icon of={isMobile(device) ? Smartphone : Monitor} size={20} />
			<div>
				<strong data-tip={device}>{deviceText(device)}</strong>
				<small>
					{address} · signed in {dateText(createdAt * 1000)} · last used{" "}
					<time dateTime={new Date(usedAt * 1000).toISOString()} data-tip={dateText(usedAt * 1000)}>
						{agoText(usedAt * 1000)}
					</time>
				</small>
			</div>
			{current && <Badge tone="good">This browser</Badge>}
			<Button small onClick={current ? () => void signOut().catch(showFailure) : end} aria-label={current ? "Sign out here" : `Sign out ${deviceText(device)}`}>
				Sign out
			</Button>
		</li>
	);
}
