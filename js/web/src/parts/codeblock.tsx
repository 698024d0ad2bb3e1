/** Code with colours and a button that copies it. */

import { useEffect, useState } from "preact/hooks";
import { CopyButton } from "./button";
import type { Token } from "./highlight";
import "./codeblock.css";

interface Props {
	code: string;
	language: string;
	/** What is copied, where that differs from what is shown; false for no button. */
	copy?: string | false;
	copyLabel?: string;
	/** Shown in the head; without it there is no head. */
	title?: string;
	/** Long lines go on in the next line. */
	wrap?: boolean;
}

export function CodeBlock({ code, language, copy = code, copyLabel = "Copy code", title, wrap = false }: Props) {
	const button = copy !== false && <CopyButton text={copy} label={copyLabel} compact />;
	return (
		<div class={`code-block ${wrap ? "wrap" : ""}`}>
			{title !== undefined && (
				<div class="head">
					<span>{title}</span>
					{button}
				</div>
			)}
			<pre data-language={language} tabIndex={0}>
				<code>
					<Coloured code={code} language={language} />
				</code>
			</pre>
			{title === undefined && button}
		</div>
	);
}

/** The text at once, its colours when the grammar is there: nothing moves. Without a language there are none. */
export function Coloured({ code, language }: { code: string; language: string }) {
	const [found, setFound] = useState<{ code: string; tokens: Token[] | undefined }>();
	useEffect(() => {
		if (!language) return undefined;
		let outdated = false;
		import("./highlight")
			.then(({ highlight }) => highlight(code, language))
			.then(
				(tokens) => !outdated && setFound({ code, tokens }),
				() => undefined, // without colours, then
			);
		return () => {
			outdated = true;
		};
	}, [code, language]);
	if (found?.code !== code || !found.tokens) return <>{code}</>;
	return <>{found.tokens.map(([text, classes]) => (classes ? <span class={classes}>{text}</span> : text))}</>;
}
