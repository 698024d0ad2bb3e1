/** A part of a page whose code is loaded when it is first shown. */

import type { ComponentChild, FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Banner } from "../parts/banner";

/** `meanwhile` stands where the part will be until its code is there. */
export function lazy<Props extends object>(load: () => Promise<FunctionComponent<Props>>, meanwhile: ComponentChild = null): FunctionComponent<Props> {
	let Part: FunctionComponent<Props> | undefined;
	return (props) => {
		const [state, setState] = useState<"loading" | "loaded" | "failed">("loading");
		useEffect(() => {
			if (Part) return;
			load().then(
				(part) => {
					Part = part;
					setState("loaded");
				},
				() => setState("failed"),
			);
		}, []);
		if (Part) return <Part {...props} />;
		if (state === "loading") return <>{meanwhile}</>;
		return (
			<Banner tone="bad" role="alert">
				A part of this page cannot be loaded. Load the page again.
			</Banner>
		);
	};
}
