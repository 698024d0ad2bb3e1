/** Apps and programs that act for the visitor, because they have allowed it; each can be ended from here. */

import { AppWindow, SquareTerminal } from "lucide";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Icon } from "../../../parts/icon";
import { type Application, revokeApplication } from "../../../services/hub/applications";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { agoText, dateText } from "../../../views/time";

export function ApplicationsCard({ applications, changed }: { applications: Application[]; changed: () => void }) {
	const revoke = ({ id, name }: Application) =>
		void revokeApplication(id).then(() => {
			showToast("Revoked", name);
			changed();
		}, showFailure);
	return (
		<Card title="Applications">
			<p>Apps that you have signed in to with this hub, and programs that you have signed in with a code.</p>
			{applications.length === 0 && <p>There are none.</p>}
			{applications.length > 0 && (
				<ul class="entries" aria-label="Applications">
					{applications.map((one) => (
						<Entry key={one.id} application={one} revoke={() => revoke(one)} />
					))}
				</ul>
			)}
		</Card>
	);
}

function Entry({ application, revoke }: { application: Application; revoke: () => void }) {
	const { name, kind, may, createdAt, usedAt, usedFrom } = application;
	return (
		<li>
			<Icon of={kind === "space" ? AppWindow : SquareTerminal} size={20} />
			<div>
				<strong>{name}</strong>
				<small>
					allowed {dateText(createdAt * 1000)} · {usedAt === null ? "never used" : `last used ${agoText(usedAt * 1000)} from ${usedFrom ?? "an unknown address"}`}
				</small>
				<small>May {may.join("; ")}.</small>
			</div>
			<Button small onClick={revoke} aria-label={`Revoke ${name}`}>
				Revoke
			</Button>
		</li>
	);
}
