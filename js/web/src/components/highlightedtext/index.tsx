/** A text in pieces, each with a class or a number. */

import type { Kind, OutputProps } from "../kind";
import "./style.css";

interface Piece {
	token: string;
	class_or_confidence?: string | number | null;
}

const HUES = 9;

function Output({ value }: OutputProps) {
	const pieces = Array.isArray(value) ? (value as Piece[]) : [];
	const classes = [...new Set(pieces.map((one) => one.class_or_confidence).filter((one) => typeof one === "string"))];
	return (
		<p class="pieces" dir="auto">
			{pieces.map((one, index) => {
				const own = one.class_or_confidence;
				if (own === null || own === undefined) return <span key={index}>{one.token}</span>;
				if (typeof own === "string") {
					return (
						<mark key={index} class={`hue${classes.indexOf(own) % HUES}`}>
							{one.token}
							<small>{own}</small>
						</mark>
					);
				}
				const strength = `${Math.round(Math.min(1, Math.abs(own)) * 100)}%`;
				return (
					<mark key={index} class={own < 0 ? "below" : "above"} title={String(own)} ref={(node) => node?.style.setProperty("--strength", strength)}>
						{one.token}
					</mark>
				);
			})}
		</p>
	);
}

export default { types: ["highlightedtext"], output: Output } satisfies Kind;
