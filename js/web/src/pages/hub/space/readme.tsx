/** The README of a Space, rendered; what its author wrote cannot run. */

import { BookOpen } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { Banner } from "../../../parts/banner";
import { Empty } from "../../../parts/empty";
import { Skeleton } from "../../../parts/skeleton";
import { HubError } from "../../../services/hub/http";
import { getFile } from "../../../services/hub/repository";
import { addressOfFile } from "../../../services/hub/router";
import type { SpaceSummary } from "../../../services/hub/spaces";
import { decodePercent } from "../../../services/percent";
import "../../../parts/codeblock.css";
import "../../../views/rich.css";

const FILE = "README.md";
const SHOWN_MAX = 500_000;

/** The text below the front matter. */
export function withoutFrontMatter(text: string): string {
	const end = text.startsWith("---") ? /\r?\n---[ \t]*(?:\r?\n|$)/.exec(text) : null;
	return end ? text.slice(end.index + end[0].length) : text;
}

/** Links and pictures of the repository itself have addresses on the hub. */
function resolveLinks(content: DocumentFragment, id: string): void {
	const own = (text: string | null) => (text && !/^([a-z][a-z0-9+.-]*:|\/|#)/i.test(text) ? text.replace(/^\.\//, "").replace(/[?#].*/, "") : undefined);
	for (const link of content.querySelectorAll<HTMLAnchorElement>("a[href]")) {
		const path = own(link.getAttribute("href"));
		if (path === undefined) continue;
		link.setAttribute("href", addressOfFile(id, "blob", "main", decodePercent(path)));
		link.removeAttribute("target");
	}
	for (const image of content.querySelectorAll("img")) {
		image.alt ||= ""; // an author's picture without a text is decoration
		const path = own(image.getAttribute("src"));
		if (path !== undefined) image.src = addressOfFile(id, "resolve", "main", decodePercent(path));
	}
}

async function render(id: string, text: string): Promise<DocumentFragment> {
	const { draw } = await import("../../../views/markdown");
	const content = await draw({ markdown: withoutFrontMatter(text) });
	resolveLinks(content, id);
	return content;
}

export function ReadmeTab({ space }: { space: SpaceSummary }) {
	const element = useRef<HTMLElement>(null);
	const [state, setState] = useState<"loading" | "shown" | "none" | Error>("loading");
	useEffect(() => {
		let outdated = false;
		const show = async () => {
			try {
				const text = await (await getFile(space.id, FILE)).slice(0, SHOWN_MAX).text();
				const content = await render(space.id, text);
				if (outdated) return;
				setState(content.textContent?.trim() || content.querySelector("img") ? "shown" : "none");
				element.current?.replaceChildren(content);
			} catch (error) {
				if (outdated) return;
				setState(error instanceof HubError && error.status === 404 ? "none" : (error as Error));
			}
		};
		void show();
		return () => {
			outdated = true;
		};
	}, [space.id, space.sha]);
	return (
		<>
			{state === "loading" && <Skeleton lines={8} />}
			{state === "none" && (
				<Empty icon={BookOpen} title="The README says nothing yet" text="What its author writes into README.md below the settings stands here." />
			)}
			{state instanceof Error && (
				<Banner tone="bad" role="alert" title="The README cannot be shown">
					{state.message}
				</Banner>
			)}
			<article ref={element} class="rich readme card" dir="auto" hidden={state !== "shown"} />
		</>
	);
}
