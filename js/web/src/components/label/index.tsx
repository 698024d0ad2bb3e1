/** A classification: the best label, and the confidence of each. */

import type { Kind, OutputProps } from "../kind";
import "./style.css";

interface Found {
	label?: string | number | null;
	confidences?: { label: string | number; confidence: number }[] | null;
}

function Output({ field, value }: OutputProps) {
	const found = (value ?? {}) as Found;
	return (
		<div class="label">
			<p class="figure">{String(found.label ?? "")}</p>
			{found.confidences && (
				<ul>
					{found.confidences.map((one) => (
						<li key={String(one.label)}>
							<span>{String(one.label)}</span>
							<meter min={0} max={1} value={one.confidence} aria-label={`${field.label}: ${one.label}`} />
							<span class="share">{(one.confidence * 100).toFixed(1)} %</span>
						</li>
					))}
				</ul>
			)}
		</div>
	);
}

export default { types: ["label"], output: Output } satisfies Kind;
