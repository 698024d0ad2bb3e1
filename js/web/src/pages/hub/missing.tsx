/** An address that the hub does not have. */

import { SearchX } from "lucide";
import { useEffect } from "preact/hooks";
import { Empty } from "../../parts/empty";
import { hubRoot } from "../../services/hub/http";

export function MissingPage() {
	useEffect(() => {
		document.title = "Not found";
	}, []);
	return (
		<div class="state-page">
			<h1 class="visually-hidden">Not found</h1>
			<Empty icon={SearchX} title="There is nothing at this address" text="Check it. What is private is shown to those who may see it.">
				<a class="button" href={`${hubRoot}spaces`}>
					All Spaces
				</a>
			</Empty>
		</div>
	);
}
