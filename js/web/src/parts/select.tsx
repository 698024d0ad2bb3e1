/** One of a few texts, as the browser's own list. */

interface Props<T extends string> {
	id?: string;
	/** For those who do not see it, where no visible label names it. */
	label?: string;
	options: readonly (readonly [value: T, text: string])[];
	value: T;
	change: (value: T) => void;
}

export function Select<T extends string>({ id, label, options, value, change }: Props<T>) {
	return (
		<select id={id} aria-label={label} value={value} onChange={(event) => change(event.currentTarget.value as T)}>
			{options.map(([own, text]) => (
				<option key={own} value={own}>
					{text}
				</option>
			))}
		</select>
	);
}
