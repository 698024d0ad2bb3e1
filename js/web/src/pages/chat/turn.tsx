/** One message of a conversation, with what can be done about it. */

import { Pencil, RefreshCw, ThumbsDown, ThumbsUp, Undo2 } from "lucide";
import { MessagePart } from "../../components/chatbot";
import { CopyButton, IconButton } from "../../parts/button";
import { Toolbar } from "../../parts/toolbar";
import { type ChatTurn, textOf } from "../../services/conversations";
import type { Chat } from "./chat";

interface Props {
	chat: Chat;
	turn: ChatTurn;
	at: number;
	last: boolean;
	edit: () => void;
	undo: () => void;
}

export function Turn({ chat, turn, at, last, edit, undo }: Props) {
	const mine = turn.role === "user";
	const busy = chat.call.busy.value;
	const metadata = (turn as { metadata?: { title?: string | null } | null }).metadata;
	return (
		<li class={mine ? "mine" : "theirs"}>
			<div class="message" dir="auto">
				<span class="visually-hidden">{mine ? "You" : "The Space"}: </span>
				{metadata?.title && <strong>{metadata.title}</strong>}
				<MessagePart part={turn.content} />
			</div>
			{!(busy && last) && (
				<Toolbar label={mine ? "Your message" : "The answer"}>
					<CopyButton compact text={() => textOf(turn.content) || JSON.stringify(turn.content)} label="Copy message" />
					{mine && <IconButton label="Edit message" icon={Pencil} disabled={busy} onClick={edit} />}
					{!mine && last && (
						<>
							<IconButton label="Ask again" icon={RefreshCw} disabled={busy} onClick={() => void chat.retry()} />
							<IconButton label="Take the last message back" icon={Undo2} disabled={busy} onClick={undo} />
						</>
					)}
					{!mine && chat.canLike && (
						<>
							<IconButton label="Good answer" icon={ThumbsUp} aria-pressed={turn.liked === true} onClick={() => void chat.like(at, true)} />
							<IconButton label="Bad answer" icon={ThumbsDown} aria-pressed={turn.liked === false} onClick={() => void chat.like(at, false)} />
						</>
					)}
				</Toolbar>
			)}
		</li>
	);
}
