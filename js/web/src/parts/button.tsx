/** Buttons: one with a text, one with an icon alone, and one that copies. */

import { Check, Copy as CopyIcon, type IconNode } from "lucide";
import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "./icon";
import "./button.css";

/** `default` has a border, `primary` is the one action of a view, `danger` destroys, `ghost` has no border. */
export type ButtonLook = "default" | "primary" | "danger" | "ghost";

type Native = Omit<ButtonHTMLAttributes, "class" | "icon" | "label" | "size">;

interface ButtonProps extends Native {
	look?: ButtonLook;
	small?: boolean;
	icon?: IconNode;
	children?: ComponentChildren;
	class?: string;
}

const classes = (...names: (string | false | undefined)[]) => names.filter(Boolean).join(" ");

export function Button({ look = "default", small = false, icon, children, class: own, ...rest }: ButtonProps) {
	return (
		<button type="button" {...rest} class={classes(look !== "default" && look, small && "small", own)}>
			{icon && <Icon of={icon} />}
			{children}
		</button>
	);
}

interface IconButtonProps extends Native {
	/** What it does: read aloud, and shown as a tooltip. */
	label: string;
	icon: IconNode;
	look?: ButtonLook;
	/** 20 px in bars, 16 px elsewhere. */
	size?: 16 | 20;
	class?: string;
}

export function IconButton({ label, icon, look = "ghost", size = 16, class: own, ...rest }: IconButtonProps) {
	return (
		<button type="button" aria-label={label} data-tip={label} {...rest} class={classes("icon-button", look !== "default" && look, own)}>
			<Icon of={icon} size={size} />
		</button>
	);
}

const MESSAGE_MS = 1500;

/** A promise is given to the browser as it is: after an `await`, some no longer see that a click asked for it. */
function writeToClipboard(text: string | Promise<string>): Promise<void> {
	if (typeof text === "string") return navigator.clipboard.writeText(text);
	const type = "text/plain";
	return navigator.clipboard.write([new ClipboardItem({ [type]: text.then((found) => new Blob([found], { type })) })]);
}

/**
 * Copies a text. `text` may be a function where making the text takes long, or where a server is asked for it: it is called
 * when the button is clicked.
 * `compact`: the icon alone.
 */
export function CopyButton({ text, label = "Copy", compact = false }: { text: string | (() => string | Promise<string>); label?: string; compact?: boolean }) {
	const [message, setMessage] = useState("");
	const copy = async () => {
		try {
			await writeToClipboard(typeof text === "string" ? text : text());
			setMessage("Copied");
		} catch {
			setMessage("The browser does not allow copying");
		}
		setTimeout(() => setMessage(""), MESSAGE_MS);
	};
	const icon = message === "Copied" ? Check : CopyIcon;
	if (compact) {
		return (
			<>
				<IconButton label={message || label} icon={icon} class="copy" onClick={copy} />
				<span class="visually-hidden" aria-live="polite">
					{message}
				</span>
			</>
		);
	}
	return (
		<Button small icon={icon} class="copy" onClick={copy} aria-live="polite">
			{message || label}
		</Button>
	);
}
