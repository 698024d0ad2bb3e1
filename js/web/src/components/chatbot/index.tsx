/** A conversation. */

import type { Kind, OutputProps } from "../kind";
import { isFile } from "../../services/files";
import { Download } from "../../views/file";
import { Picture } from "../../views/media";
import { Rich } from "../../views/rich";
import "./style.css";

interface Turn {
	role: string;
	content: unknown;
	metadata?: { title?: string | null } | null;
}

/** One part of a message: text, a file, or the object that the wire wraps them in. */
export function MessagePart({ part }: { part: unknown }) {
	if (typeof part === "string") return <Rich markdown={part} />;
	if (Array.isArray(part)) return <>{part.map((one, index) => <MessagePart key={index} part={one} />)}</>;
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
				{own.files?.map((one, index) => <MessagePart key={index} part={{ file: one }} />)}
			</>
		);
	}
	return <pre>{JSON.stringify(own.value ?? part, null, 2)}</pre>;
}

export function Messages({ turns }: { turns: Turn[] }) {
	return (
		<ol class="chat">
			{turns.map((turn, index) => (
				<li key={index} class={turn.role === "user" ? "mine" : "theirs"} dir="auto">
					<span class="visually-hidden">{turn.role === "user" ? "You" : "The Space"}: </span>
					{turn.metadata?.title && <strong>{turn.metadata.title}</strong>}
					<MessagePart part={turn.content} />
				</li>
			))}
		</ol>
	);
}

function Output({ value }: OutputProps) {
	return <Messages turns={Array.isArray(value) ? (value as Turn[]) : []} />;
}

export default { types: ["chatbot"], output: Output, initial: () => [] } satisfies Kind;
