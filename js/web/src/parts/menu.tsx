/** A button that opens a list of actions. The arrow keys move; Escape and a click elsewhere close it. */

import type { IconNode } from "lucide";
import type { TargetedToggleEvent } from "preact";
import { useId, useRef } from "preact/hooks";
import { Button, type ButtonLook, IconButton } from "./button";
import { Icon } from "./icon";
import { placeBeside } from "./place";
import "./menu.css";

export interface MenuItem {
	text: string;
	icon?: IconNode;
	/** A second line. */
	hint?: string;
	danger?: boolean;
	disabled?: boolean;
	/** An action, or the address of a link. */
	action?: () => void;
	href?: string;
}

interface Props {
	label: string;
	icon: IconNode;
	/** Shown beside the icon; without it the button is the icon alone. */
	text?: string;
	look?: ButtonLook;
	items: MenuItem[];
}

export function Menu({ label, icon, text, look = "ghost", items }: Props) {
	const id = useId();
	const list = useRef<HTMLDivElement>(null);
	const button = { popovertarget: id, "aria-haspopup": "menu" as const, look };
	const entries = () => [...(list.current?.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)') ?? [])];
	const onKeyDown = (event: KeyboardEvent) => {
		const all = entries();
		const at = all.indexOf(document.activeElement as HTMLElement);
		const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
		if (next === undefined) return;
		event.preventDefault();
		all[next % all.length]?.focus();
	};
	/** It is transparent until it has its place: `toggle` comes after the browser has shown it and moved the focus in. */
	const onBeforeToggle = (event: TargetedToggleEvent<HTMLDivElement>) => {
		const [first] = entries();
		if (first) first.autofocus = true;
		event.currentTarget.style.opacity = event.newState === "open" ? "0" : "1";
	};
	const onToggle = (event: TargetedToggleEvent<HTMLDivElement>) => {
		if (event.newState !== "open" || !list.current) return;
		const opener = document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(id)}"]`);
		if (opener) placeBeside(list.current, opener);
		list.current.style.opacity = "1";
	};
	return (
		<>
			{text === undefined ? (
				<IconButton {...button} label={label} icon={icon} />
			) : (
				<Button {...button} small icon={icon} aria-label={label}>
					{text}
				</Button>
			)}
			<div
				ref={list}
				id={id}
				popover="auto"
				class="menu"
				role="menu"
				aria-label={label}
				onKeyDown={onKeyDown}
				onBeforeToggle={onBeforeToggle}
				onToggle={onToggle}
			>
				{items.map((item) => (
					<Entry key={item.text} item={item} close={() => list.current?.hidePopover()} />
				))}
			</div>
		</>
	);
}

function Entry({ item, close }: { item: MenuItem; close: () => void }) {
	const content = (
		<>
			{item.icon && <Icon of={item.icon} />}
			<span>
				{item.text}
				{item.hint && <small>{item.hint}</small>}
			</span>
		</>
	);
	if (item.href !== undefined) {
		return (
			<a role="menuitem" tabIndex={-1} href={item.href} onClick={close}>
				{content}
			</a>
		);
	}
	const act = () => {
		close();
		item.action?.();
	};
	return (
		<button type="button" role="menuitem" tabIndex={-1} disabled={item.disabled} class={item.danger ? "bad" : ""} onClick={act}>
			{content}
		</button>
	);
}
