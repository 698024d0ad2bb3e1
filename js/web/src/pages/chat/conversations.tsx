/** The conversations that this browser keeps: to find, open, export and remove. */

import { Download, Ellipsis, SquarePen, Trash2 } from "lucide";
import { useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { Menu } from "../../parts/menu";
import { type Conversation, textOf, titleOf, toMarkdown } from "../../services/conversations";
import { saveText } from "../../services/save";
import type { Chat } from "./chat";

const SEARCH_MIN = 5;

export function ConversationList({ chat, close }: { chat: Chat; close: () => void }) {
	const [search, setSearch] = useState("");
	const all = chat.conversations.list.value;
	const wanted = search.trim().toLowerCase();
	const found = wanted ? all.filter((one) => one.turns.some((turn) => textOf(turn.content).toLowerCase().includes(wanted))) : all;
	return (
		<div class="conversations">
			<Button
				icon={SquarePen}
				onClick={() => {
					chat.begin();
					close();
				}}
			>
				New conversation
			</Button>
			{all.length >= SEARCH_MIN && (
				<input
					type="search"
					aria-label="Search conversations"
					placeholder="Search"
					value={search}
					onInput={(event) => setSearch(event.currentTarget.value)}
				/>
			)}
			<ul>
				{found.map((one) => (
					<Entry key={one.id} chat={chat} conversation={one} close={close} />
				))}
			</ul>
			{!found.length && <p class="empty">{wanted ? "No conversation has these words." : "Conversations are kept in this browser."}</p>}
		</div>
	);
}

function Entry({ chat, conversation, close }: { chat: Chat; conversation: Conversation; close: () => void }) {
	const { id } = conversation;
	const title = titleOf(conversation);
	const open = () => {
		chat.open(id);
		close();
	};
	return (
		<li>
			<Button look="ghost" aria-current={id === chat.conversations.chosen.value ? "true" : undefined} onClick={open} dir="auto">
				<span>{title}</span>
			</Button>
			<Menu
				label={`More about “${title}”`}
				icon={Ellipsis}
				items={[
					{ text: "Save as Markdown", icon: Download, action: () => saveText("conversation.md", toMarkdown(conversation)) },
					{ text: "Save as JSON", icon: Download, action: () => saveText("conversation.json", JSON.stringify(conversation.turns, null, 2)) },
					{ text: "Remove", icon: Trash2, danger: true, action: () => chat.remove(id) },
				]}
			/>
		</li>
	);
}
