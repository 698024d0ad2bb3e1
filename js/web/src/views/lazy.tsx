/** A part of a page whose code is loaded when it is first shown. */

import type { ComponentChild, FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Banner } from "../parts/banner";

export type LazyPart<Props> = FunctionComponent<Props> & {
	/** Loads the code before the part is shown. Never rejects. */
	prepare: () => Promise<void>;
};

/** `meanwhile` stands where the part will be until its code is there. */
export function lazy<Props extends object>(load: () => Promise<FunctionComponent<Props>>, meanwhile: ComponentChild = null): LazyPart<Props> {
	let Part: FunctionComponent<Props> | undefined;
	const read = async () => {
		Part ??= await load();
	};
	const Loaded = (props: Props) => {
		const [state, setState] = useState<"loading" | "loaded" | "failed">("loading");
		useEffect(() => {
			if (Part) return;
			read().then(
				() => setState("loaded"),
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
	return Object.assign(Loaded, { prepare: () => read().catch(() => undefined) }); // where it is shown it says so
}
