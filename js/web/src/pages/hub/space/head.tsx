/** The head of a Space's page: what it is, its state, and what can be done. */

import { CirclePause, Ellipsis, ExternalLink, Lock, RotateCcw } from "lucide";
import { Badge } from "../../../parts/badge";
import { Icon } from "../../../parts/icon";
import { Menu, type MenuItem } from "../../../parts/menu";
import { addressOfOwner, addressOfSpace } from "../../../services/hub/router";
import { cardText, pauseSpace, restartSpace, type SpaceSummary, titleOf } from "../../../services/hub/spaces";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { TagLinks } from "../directory/card";
import { StageBadge } from "../stage";
import { Tile } from "../tile";

interface Props {
	id: string;
	/** undefined while the hub is asked. */
	space: SpaceSummary | undefined;
	changed: () => void;
}

export function SpaceHead({ id, space, changed }: Props) {
	const [owner = "", name = ""] = id.split("/");
	return (
		<div class="space-head">
			{space ? <Tile space={space} /> : <div class="tile" aria-hidden="true" />}
			<div class="names">
				<h1 dir="auto">{space ? titleOf(space) : name}</h1>
				<p>
					<a href={addressOfOwner(owner)}>{owner}</a>
					<span aria-hidden="true">/</span>
					<a href={addressOfSpace(id)}>{name}</a>
					{space && cardText(space, "short_description") && (
						<span class="described" dir="auto">
							{cardText(space, "short_description")}
						</span>
					)}
				</p>
			</div>
			<div class="facts">
				{space && (
					<>
						<TagLinks space={space} most={3} />
						{space.private && (
							<Badge>
								<Icon of={Lock} size={12} />
								Private
							</Badge>
						)}
						<StageBadge stage={space.runtime.stage} />
						<Menu label="More" icon={Ellipsis} items={actionsOf(space, changed)} />
					</>
				)}
			</div>
		</div>
	);
}

function actionsOf(space: SpaceSummary, changed: () => void): MenuItem[] {
	const items: MenuItem[] = [{ text: "Open the app alone", icon: ExternalLink, href: space.host }];
	if (!space.canWrite || space.sdk === "static") return items;
	const act = (what: Promise<unknown>, text: string) =>
		void what.then(() => {
			showToast(text, space.id);
			changed();
		}, showFailure);
	items.push({ text: "Restart", icon: RotateCcw, action: () => act(restartSpace(space.id), "It restarts") });
	if (space.runtime.stage !== "PAUSED") {
		items.push({ text: "Pause", hint: "It stops until it is restarted", icon: CirclePause, action: () => act(pauseSpace(space.id), "It is paused") });
	}
	return items;
}
