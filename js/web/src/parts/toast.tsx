/** Short messages at the top right. Those with a duration have a bar that runs out. */

import { CircleAlert, CircleCheck, Info, type IconNode, TriangleAlert, X } from "lucide";
import { IconButton } from "./button";
import { Icon } from "./icon";
import "./toast.css";

export interface ToastItem {
	id: number;
	title: string;
	text: string;
	/** info, success, warning or error. */
	level: string;
	/** How long it is shown; null or undefined until it is closed. */
	duration_s?: number | null | undefined;
}

const ICONS: Record<string, IconNode> = { success: CircleCheck, warning: TriangleAlert, error: CircleAlert };

export function Toasts({ items, dismiss }: { items: ToastItem[]; dismiss: (id: number) => void }) {
	return (
		<div class="toasts" aria-live="polite">
			{items.map((one) => (
				<div key={one.id} class={`toast ${one.level}`}>
					<Icon of={ICONS[one.level] ?? Info} size={20} />
					<div>
						<strong>{one.title}</strong>
						<p dir="auto">{one.text}</p>
					</div>
					<IconButton label="Close" icon={X} onClick={() => dismiss(one.id)} />
					{one.duration_s ? <span class="bar" style={{ animationDuration: `${one.duration_s}s` }} /> : null}
				</div>
			))}
		</div>
	);
}
