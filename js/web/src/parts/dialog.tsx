/** A modal dialog, and a drawer: the same at the right edge. Escape, the button and a click beside it close it. */

import { X } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { IconButton } from "./button";
import "./dialog.css";

interface Props {
	title: string;
	open: boolean;
	close: () => void;
	/** Buttons at the foot, the main one last. */
	footer?: ComponentChildren;
	class?: string;
	children: ComponentChildren;
}

export function Dialog({ title, open, close, footer, class: own = "", children }: Props) {
	const dialog = useRef<HTMLDialogElement>(null);
	const heading = useId();
	const wanted = useRef(open);
	wanted.current = open;
	useEffect(() => {
		if (open && !dialog.current?.open) dialog.current?.showModal();
		if (!open) dialog.current?.close();
	}, [open]);
	// The event comes in a task after the close: by then the dialog may be wanted, and open, again.
	const onClose = () => {
		if (wanted.current && !dialog.current?.open) close();
	};
	return (
		<dialog
			ref={dialog}
			class={`dialog ${own}`}
			aria-labelledby={heading}
			onClose={onClose}
			onMouseDown={(event) => event.target === dialog.current && dialog.current?.close()}
		>
			{open && (
				<div class="frame">
					<header>
						<h2 id={heading}>{title}</h2>
						<IconButton label="Close" icon={X} onClick={() => dialog.current?.close()} />
					</header>
					<div class="body">{children}</div>
					{footer && <footer>{footer}</footer>}
				</div>
			)}
		</dialog>
	);
}

export function Drawer(props: Props) {
	return <Dialog {...props} class={`drawer ${props.class ?? ""}`} />;
}
