/** A chat: the conversation, the composer at its foot, and the conversations that this browser keeps. */

import { ArrowDown, History as HistoryIcon, SquarePen } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../../parts/button";
import { Drawer } from "../../parts/dialog";
import { framed } from "../../services/address";
import type { Call } from "../../services/call";
import { textOf } from "../../services/conversations";
import type { SpaceView } from "../../services/space";
import { Notices, Problem } from "../../views/progress";
import { Description } from "../../views/description";
import { Chat } from "./chat";
import { Composer } from "./composer";
import { ConversationList } from "./conversations";
import { Turn } from "./turn";
import { Waiting } from "./waiting";
import "./style.css";

/** How far above its end a conversation still counts as read to the end. */
const END_PX = 60;

/** A conversation lasts as long as the page: the visitor may look at another view while an answer is made. */
const chats = new WeakMap<Call, Chat>();

function chatOf(call: Call, space: SpaceView): Chat {
	const found = chats.get(call) ?? new Chat(call, space);
	chats.set(call, found);
	return found;
}

export function ChatPage({ call, space }: { call: Call; space: SpaceView }) {
	const chat = chatOf(call, space);
	const [listed, setListed] = useState(false);
	const [draft, setDraft] = useState<{ content: unknown; at?: number }>();
	const turns = chat.turns.value;
	const list = <ConversationList chat={chat} close={() => setListed(false)} />;
	return (
		<div class={`chat-page ${framed ? "framed" : ""}`}>
			<aside aria-label="Conversations">{list}</aside>
			<Drawer title="Conversations" open={listed} close={() => setListed(false)}>
				{list}
			</Drawer>
			<div class="conversation">
				<div class="phone-tools">
					<IconButton label="Conversations" icon={HistoryIcon} size={20} onClick={() => setListed(true)} />
					<IconButton label="New conversation" icon={SquarePen} size={20} onClick={() => chat.begin()} />
				</div>
				<Scroller newest={turns.length} growing={call.outputs.value}>
					{turns.length === 0 && <Welcome space={space} call={call} send={(content) => void chat.send(content)} />}
					{turns.length > 0 && (
						<ol class="chat" aria-label="Conversation">
							{turns.map((turn, index) => (
								<Turn
									key={`${chat.conversations.chosen.value}-${index}`}
									chat={chat}
									turn={turn}
									at={index}
									last={index === turns.length - 1}
									edit={() => setDraft({ content: turn.content, at: index })}
									undo={() => setDraft({ content: chat.undo() })}
								/>
							))}
						</ol>
					)}
					<Waiting call={call} />
					<Problem call={call} />
				</Scroller>
				<Composer chat={chat} draft={draft} clear={() => setDraft(undefined)} />
				<Announcer call={call} />
			</div>
			<Notices call={call} />
		</div>
	);
}

function Welcome({ space, call, send }: { space: SpaceView; call: Call; send: (content: unknown) => void }) {
	const { examples, inputs, description } = call.endpoint;
	const [message, ...more] = inputs;
	const use = (row: unknown[]) => {
		more.forEach((field, index) => {
			if (index + 1 < row.length) call.value(field.name).value = structuredClone(row[index + 1]);
		});
		send(message?.kind === "multimodaltextbox" && typeof row[0] === "string" ? { text: row[0], files: [] } : row[0]);
	};
	return (
		<div class="welcome">
			{space.emoji ? <span aria-hidden="true">{space.emoji}</span> : <img src={space.logo} alt="" />}
			<h2>{space.title}</h2>
			<Description text={space.description || description || "Write a message to begin."} />
			{examples.length > 0 && (
				<ul aria-label="Examples">
					{examples.map((row, index) => (
						<li key={index}>
							<Button onClick={() => use(row)} dir="auto">
								{textOf(row[0])}
							</Button>
						</li>
					))}
				</ul>
			)}
		</div>
	);
}

/** Follows the newest message while the visitor is at the end, and offers to go there when not. */
function Scroller({ newest, growing, children }: { newest: number; growing: unknown; children: ComponentChildren }) {
	const element = useRef<HTMLDivElement>(null);
	const [atEnd, setAtEnd] = useState(true);
	const following = useRef(true);
	const reached = useRef(0);
	/** Of another view that the visitor has gone to there is no element: what is still told of this one counts no more. */
	const go = () => {
		const one = element.current;
		if (!one) return;
		one.scrollTo({ top: one.scrollHeight });
		reached.current = one.scrollTop;
	};
	/** The event of the visitor's own scrolling comes later than what an answer brings meanwhile. */
	const follow = () => {
		if (following.current && (element.current?.scrollTop ?? 0) > reached.current - END_PX) go();
	};
	useLayoutEffect(() => {
		following.current = true;
		go();
	}, [newest]);
	useEffect(() => {
		const content = element.current?.firstElementChild;
		if (!content) return;
		const watcher = new ResizeObserver(follow);
		watcher.observe(content);
		return () => watcher.disconnect();
	}, []);
	useLayoutEffect(follow, [growing]);
	const onScroll = () => {
		if (!element.current) return;
		const { scrollTop, scrollHeight, clientHeight } = element.current;
		following.current = scrollHeight - scrollTop - clientHeight < END_PX;
		if (following.current) reached.current = scrollTop;
		setAtEnd(following.current);
	};
	return (
		<>
			<div class="scroller" ref={element} onScroll={onScroll}>
				<div class="column">{children}</div>
			</div>
			{!atEnd && (
				<div class="to-end">
					<IconButton label="Go to the newest message" icon={ArrowDown} look="default" onClick={go} />
				</div>
			)}
		</>
	);
}

/** Screen readers hear the whole answer once, and not each word of it. */
function Announcer({ call }: { call: Call }) {
	const answer = call.busy.value ? "" : textOf(call.outputs.value?.[0]);
	return (
		<div class="visually-hidden" aria-live="polite">
			{call.busy.value ? "The answer is being written." : answer}
		</div>
	);
}
