/** Two pictures, one over the other, with a slider between them. */

import { useState } from "preact/hooks";
import type { InputProps, Kind, OutputProps } from "../kind";
import { Drop } from "../../views/drop";
import { isFile, Taken, useAddress } from "../../views/file";

function Input({ value, id, disabled }: InputProps) {
	const pair = Array.isArray(value.value) ? value.value : [null, null];
	const set = (place: number, file: unknown) => {
		value.value = pair.map((one, i) => (i === place ? file : one));
	};
	return (
		<div class="row">
			{pair.map((one, place) =>
				isFile(one) ? (
					<Taken key={place} file={one} drop={() => set(place, null)} disabled={disabled} />
				) : (
					<Drop
						key={place}
						id={`${id}${place || ""}`}
						accept="image/*"
						disabled={disabled}
						take={([file]) => set(place, file)}
						what={place ? "After" : "Before"}
					/>
				),
			)}
		</div>
	);
}

function Output({ field, value }: OutputProps) {
	const [first, second] = Array.isArray(value) ? value : [];
	const [left, setLeft] = useState(50);
	const before = useAddress(first);
	const after = useAddress(second);
	return (
		<div class="compare">
			<img src={after} alt={`${field.label}: after`} />
			<img
				src={before}
				alt={`${field.label}: before`}
				ref={(node) => node?.style.setProperty("clip-path", `inset(0 ${100 - left}% 0 0)`)}
			/>
			<input
				type="range"
				min={0}
				max={100}
				value={left}
				aria-label={`${field.label}: how much of the first is shown`}
				onInput={(event) => setLeft(event.currentTarget.valueAsNumber)}
			/>
		</div>
	);
}

export default { types: ["imageslider"], input: Input, output: Output, initial: () => [null, null] } satisfies Kind;
