/** Two pictures, one over the other: a slider moves the border between them. */

import { useState } from "preact/hooks";
import { isFile } from "../../services/files";
import type { InputProps, Kind, OutputProps } from "../kind";
import { DropZone } from "../../views/dropzone";
import { ChosenFile, useFileUrl } from "../../views/file";
import "../../views/layers.css";
import "./style.css";

function Input({ value, id }: InputProps) {
	const pair = Array.isArray(value.value) ? value.value : [null, null];
	const set = (index: number, file: unknown) => {
		value.value = pair.map((one, i) => (i === index ? file : one));
	};
	return (
		<div class="row">
			{pair.map((one, index) =>
				isFile(one) ? (
					<ChosenFile key={index} file={one} remove={() => set(index, null)} />
				) : (
					<DropZone
						key={index}
						id={`${id}${index || ""}`}
						accept="image/*"
						take={([file]) => set(index, file)}
						what={index ? "After" : "Before"}
					/>
				),
			)}
		</div>
	);
}

function Output({ field, value }: OutputProps) {
	const [first, second] = Array.isArray(value) ? value : [];
	const [left, setLeft] = useState(50);
	const before = useFileUrl(first);
	const after = useFileUrl(second);
	return (
		<div class="compare" style={{ "--left": `${left}%` }}>
			<img src={after} alt={`${field.label}: after`} />
			<img src={before} alt={`${field.label}: before`} />
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
