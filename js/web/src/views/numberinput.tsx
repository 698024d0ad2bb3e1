/** A field for a number. Its text stays as it is typed; a text that is no number is a `Draft`, which is never sent. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { Draft } from "../services/draft";

interface Props {
	value: unknown;
	/** Called with undefined for an empty field. */
	take: (value: number | Draft | undefined) => void;
	/** Attributes of the input. */
	own: Record<string, unknown>;
}

export function NumberInput({ value, take, own }: Props) {
	const input = useRef<HTMLInputElement>(null);
	useLayoutEffect(() => {
		const field = input.current;
		if (!field || value instanceof Draft) return;
		const number = value === null || value === undefined || value === "" ? Number.NaN : Number(value);
		// "-0" and "1.0" are on their way to other numbers. Of a text that is no number the browser says that it is empty.
		if (Object.is(field.valueAsNumber, number) && !field.validity.badInput) return;
		field.value = Number.isNaN(number) ? "" : String(number);
	}, [value]);
	const typed = () => {
		const { validity, valueAsNumber } = input.current as HTMLInputElement;
		if (validity.badInput) take(new Draft("", "This is not a number."));
		else take(Number.isNaN(valueAsNumber) ? undefined : valueAsNumber);
	};
	return <input {...own} ref={input} type="number" onInput={typed} />;
}
