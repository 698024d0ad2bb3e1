/** Code that calls an endpoint, in each language. The server writes it when the visitor scrolls near. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Call } from "../../services/call";
import { toPlain } from "../../services/recorder";
import { shorten } from "../../services/shorten";
import { writeSnippets, type Snippet } from "../../services/snippets";
import type { SpaceView } from "../../services/space";
import { token } from "../../services/token";
import { CodeBlock } from "../../parts/codeblock";
import { chosenLanguage } from "./language";

const NEAR = "300px";
const TYPING_MS = 150;
/** What a program has besides a line for each argument: room is kept for it. */
const LINES = 8;

export function Code({ space, call }: { space: SpaceView; call: Call }) {
	const [found, setFound] = useState<Record<string, Snippet>>();
	const [problem, setProblem] = useState("");
	const [near, setNear] = useState(false);
	const element = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && setNear(true), { rootMargin: NEAR });
		if (element.current) watcher.observe(element.current);
		return () => watcher.disconnect();
	}, []);
	const given = toPlain(call.shown) as Record<string, unknown>;
	const key = JSON.stringify(given);
	const secret = token.value;
	useEffect(() => {
		if (!near) return;
		let outdated = false;
		const timer = setTimeout(() => {
			writeSnippets(space, [{ name: call.endpoint.name, given, outputs: [], failed: false }], secret).then(
				(all) => {
					if (outdated) return;
					setFound(all);
					setProblem("");
				},
				(error: Error) => !outdated && setProblem(error.message),
			);
		}, TYPING_MS);
		return () => {
			outdated = true;
			clearTimeout(timer);
		};
	}, [key, secret, near]);
	const language = chosenLanguage();
	const snippet = found?.[language];
	return (
		<div class="code" ref={element} style={{ "--lines": LINES + call.endpoint.inputs.length }}>
			<CodeBlock code={problem || shorten(snippet?.shown ?? "…")} language={language} copy={snippet?.whole ?? false} />
		</div>
	);
}
