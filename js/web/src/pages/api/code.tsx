/** Code that calls an endpoint, in each language. The server has written it for the default values; for others it is asked near the view. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Call } from "../../services/call";
import { toPlain } from "../../services/recorder";
import { shorten } from "../../services/shorten";
import { writeSnippets, type Snippet } from "../../services/snippets";
import type { SpaceView } from "../../services/space";
import { token } from "../../services/token";
import { CodeBlock } from "../../parts/codeblock";
import { useNear } from "../../views/deferred";
import { chosenLanguage } from "./language";

const TYPING_MS = 150;
/** What a program has besides a line for each argument: room is kept for it. */
const LINES = 8;

export function Code({ space, call }: { space: SpaceView; call: Call }) {
	const [found, setFound] = useState<Record<string, Snippet>>();
	const [problem, setProblem] = useState("");
	const element = useRef<HTMLDivElement>(null);
	const near = useNear(element);
	const given = toPlain(call.shown) as Record<string, unknown>;
	const key = JSON.stringify(given);
	const secret = token.value;
	const language = chosenLanguage();
	const known = call.untouched && !secret ? call.endpoint.code[language] : undefined;
	const ask = near && known === undefined;
	useEffect(() => {
		if (!ask) return;
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
	}, [key, secret, ask]);
	const snippet = known === undefined ? found?.[language] : { shown: known, whole: known };
	const text = known ?? (problem || snippet?.shown);
	return (
		<div class="code" ref={element} style={{ "--lines": LINES + call.endpoint.inputs.length }}>
			<CodeBlock code={shorten(text ?? "…")} language={near ? language : ""} copy={snippet?.whole ?? false} />
		</div>
	);
}
