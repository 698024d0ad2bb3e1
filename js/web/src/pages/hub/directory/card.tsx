/** A Space in a list. */

import { Activity, Clock, Lock } from "lucide";
import { Badge } from "../../../parts/badge";
import { Icon } from "../../../parts/icon";
import { hubRoot } from "../../../services/hub/http";
import { addressOfOwner, addressOfSpace } from "../../../services/hub/router";
import { cardText, type SpaceSummary, titleOf } from "../../../services/hub/spaces";
import { agoText, countText, dateText } from "../../../views/time";
import { StageBadge } from "../stage";
import { Tile } from "../tile";

/** Tags lead to the Spaces that have them. */
export function TagLinks({ space, most }: { space: SpaceSummary; most: number }) {
	const tags = [...new Set(space.tags)].filter((tag) => tag !== space.sdk).slice(0, most);
	if (!tags.length) return null;
	return (
		<ul class="tag-links" aria-label="Tags">
			{tags.map((tag) => (
				<li key={tag}>
					<a href={`${hubRoot}spaces?tag=${encodeURIComponent(tag)}`}>{tag}</a>
				</li>
			))}
		</ul>
	);
}

export function SpaceCard({ space }: { space: SpaceSummary }) {
	const changed = Date.parse(space.lastModified);
	return (
		<li class="space-card">
			<Tile space={space} />
			<div class="states">
				{space.private && (
					<Badge>
						<Icon of={Lock} size={12} />
						Private
					</Badge>
				)}
				<StageBadge stage={space.runtime.stage} />
			</div>
			<h2 dir="auto">
				<a href={addressOfSpace(space.id)}>{titleOf(space)}</a>
			</h2>
			<p dir="auto">{cardText(space, "short_description")}</p>
			<TagLinks space={space} most={3} />
			<footer>
				<a href={addressOfOwner(space.author)}>{space.author}</a>
				<span class="sdk">{space.sdk}</span>
				{space.calls > 0 && (
					<span data-tip="Calls in the last seven days">
						<Icon of={Activity} size={16} />
						{countText(space.calls)}
						<span class="visually-hidden"> calls in seven days</span>
					</span>
				)}
				<time dateTime={space.lastModified} data-tip={dateText(changed)}>
					<Icon of={Clock} size={16} />
					{agoText(changed)}
				</time>
			</footer>
		</li>
	);
}

/** As high as the cards that will be there. */
export function CardSkeletons({ count }: { count: number }) {
	return (
		<ul class="directory" aria-hidden="true">
			{Array.from({ length: count }, (_, index) => (
				<li key={index} class="space-card skeleton-card" />
			))}
		</ul>
	);
}
