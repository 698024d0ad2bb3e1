/** A state in a word, with an icon so that it does not hang on the colour alone. */

import { CircleAlert, CircleCheck, Info, type IconNode, LoaderCircle, TriangleAlert } from "lucide";
import type { ComponentChildren } from "preact";
import { Icon } from "./icon";
import "./badge.css";

export type Tone = "neutral" | "accent" | "good" | "warn" | "bad" | "note" | "busy";

const ICONS: Partial<Record<Tone, IconNode>> = {
	good: CircleCheck,
	warn: TriangleAlert,
	bad: CircleAlert,
	note: Info,
	busy: LoaderCircle,
};

export const iconOf = (tone: Tone): IconNode | undefined => ICONS[tone];

/** `state`: one more class, as the name of a job's state. */
export function Badge({ tone = "neutral", state = "", children }: { tone?: Tone; state?: string; children: ComponentChildren }) {
	const icon = iconOf(tone);
	return (
		<span class={`badge ${tone} ${state}`}>
			{icon && <Icon of={icon} size={12} />}
			{children}
		</span>
	);
}
