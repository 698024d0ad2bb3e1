/** The messages of a call, each with its time. */

import type { Call } from "../services/call";
import { shorten } from "../services/shorten";
import "./messages.css";

const SHOWN_MAX = 100;
/** Characters of a message that are shown. */
const MESSAGE_MAX = 2000;

export function Messages({ call }: { call: Call }) {
	const messages = call.messages.value;
	if (!messages.length) return <p class="empty">No messages yet</p>;
	return (
		<ol class="messages" tabIndex={0} aria-label="Messages">
			{messages.slice(-SHOWN_MAX).map((one, index) => (
				<li key={index}>
					<time>{one.at_ms.toFixed(0)} ms</time>
					<code>{shorten(JSON.stringify(one.message), MESSAGE_MAX)}</code>
				</li>
			))}
		</ol>
	);
}
