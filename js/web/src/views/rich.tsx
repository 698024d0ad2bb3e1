/** Markdown or HTML of somebody else: cleaned before it is shown, and loaded from nowhere else. */

import { useEffect, useRef } from "preact/hooks";

export function Rich({ markdown, html }: { markdown?: string; html?: string }) {
	const place = useRef<HTMLDivElement>(null);
	useEffect(() => {
		let old = false;
		void import("./clean").then(({ cleaned, made }) => {
			if (old || !place.current) return;
			place.current.replaceChildren(cleaned(html ?? made(markdown ?? "")));
		});
		return () => {
			old = true;
		};
	}, [markdown, html]);
	return <div class="rich" ref={place} />;
}
