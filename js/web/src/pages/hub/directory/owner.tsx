/** The Spaces of one owner. */

import { UserSearch } from "lucide";
import { useEffect } from "preact/hooks";
import { Empty } from "../../../parts/empty";
import { hubRoot } from "../../../services/hub/http";
import { addressOfNew } from "../../../services/hub/router";
import { viewer } from "../../../services/hub/viewer";
import { HowToDeploy } from "./deploy";
import { SpaceList } from "./list";

export function OwnerPage({ owner }: { owner: string }) {
	useEffect(() => {
		document.title = owner;
	}, [owner]);
	const own = viewer.value?.name.toLowerCase() === owner.toLowerCase();
	return (
		<>
			<div class="head owner">
				<span class="avatar" aria-hidden="true">
					{owner.slice(0, 1).toUpperCase()}
				</span>
				<div>
					<h1>{owner}</h1>
					<p class="soft">{own ? "Your Spaces" : "Spaces that you may see"}</p>
				</div>
			</div>
			<SpaceList
				query={{ author: owner }}
				empty={
					own ? (
						<HowToDeploy id={`${owner}/my-space`} title="You have no Spaces yet: make the first one">
							<a class="button primary" href={addressOfNew}>
								Make it here
							</a>
						</HowToDeploy>
					) : (
						<Empty icon={UserSearch} title={`${owner} shows no Spaces`} text="Check the name. Private Spaces are shown to those who may see them.">
							<a class="button" href={`${hubRoot}spaces`}>
								All Spaces
							</a>
						</Empty>
					)
				}
			/>
		</>
	);
}
