/** A conversation. */

import type { Kind, OutputProps } from "../kind";
import { Download, isFile } from "../../views/file";
import { Picture } from "../../views/media";
import { Rich } from "../../views/rich";

interface Turn {
	role: string;
	content: unknown;
	metadata?: { title?: string | null } | null;
}

/** One part of what was said: text, a file, or what the wire wraps them in. */
export function Said({ part }: { part: unknown }) {
	if (typeof part === "string") return <Rich markdown={part} />;
	if (Array.isArray(part)) return <>{part.map((one, place) => <Said key={place} part={one} />)}</>;
	const own = (part ?? {}) as { text?: unknown; file?: unknown; files?: unknown[]; type?: string; mime_type?: string; value?: unknown };
	const file = own.file ?? (isFile(part) ? part : undefined);
	if (isFile(file)) {
		const picture = (file instanceof File ? file.type : (file.mime_type ?? "")).startsWith("image/");
		return picture ? <Picture file={file} alt="A picture" /> : <Download file={file} />;
	}
	if (typeof own.text === "string") {
		return (
			<>
				<Rich markdown={own.text} />
				{own.files?.map((one, place) => <Said key={place} part={{ file: one }} />)}
			</>
		);
	}
	return <pre>{JSON.stringify(own.value ?? part, null, 2)}</pre>;
}

export function Turns({ turns }: { turns: Turn[] }) {
	return (
		<ol class="chat">
			{turns.map((turn, place) => (
				<li key={place} class={turn.role === "user" ? "mine" : "theirs"}>
					<span class="unseen">{turn.role === "user" ? "You" : "The Space"}: </span>
					{turn.metadata?.title && <strong>{turn.metadata.title}</strong>}
					<Said part={turn.content} />
				</li>
			))}
		</ol>
	);
}

function Output({ value }: OutputProps) {
	return <Turns turns={Array.isArray(value) ? (value as Turn[]) : []} />;
}

export default { types: ["chatbot"], output: Output, initial: () => [] } satisfies Kind;
