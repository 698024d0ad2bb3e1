/** A button that copies a text. */

import { useState } from "preact/hooks";

const MESSAGE_MS = 1500;

/** `text` may be a function where making the text takes long: it is called when the button is clicked. */
export function Copy({ text, label = "Copy" }: { text: string | (() => string); label?: string }) {
	const [message, setMessage] = useState("");
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(typeof text === "string" ? text : text());
			setMessage("Copied");
		} catch {
			setMessage("The browser does not allow copying");
		}
		setTimeout(() => setMessage(""), MESSAGE_MS);
	};
	return (
		<button type="button" class="small copy" onClick={copy} aria-live="polite">
			{message || label}
		</button>
	);
}
