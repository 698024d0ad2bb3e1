/** One of two to four choices, side by side: radio buttons that look like one control. */

import { useId } from "preact/hooks";
import "./segmented.css";

interface Props<T extends string> {
	label: string;
	options: readonly (readonly [value: T, text: string])[];
	value: T;
	change: (value: T) => void;
}

export function Segmented<T extends string>({ label, options, value, change }: Props<T>) {
	const name = useId();
	return (
		<div class="segmented" role="radiogroup" aria-label={label}>
			{options.map(([own, text]) => (
				<label key={own}>
					<input type="radio" name={name} checked={own === value} onChange={() => change(own)} />
					{text}
				</label>
			))}
		</div>
	);
}
