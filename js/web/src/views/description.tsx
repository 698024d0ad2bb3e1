/** What an author says of a Space or an endpoint. A long text is opened by the visitor. */

import { useState } from "preact/hooks";
import { Button } from "../parts/button";
import { Rich } from "./rich";

const SHOWN_MAX = 5000;

/** What is shown at first. */
export function beginningOf(text: string): string {
	return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

export function Description({ text }: { text: string }) {
	const [whole, setWhole] = useState(text.length <= SHOWN_MAX);
	return (
		<>
			<Rich markdown={whole ? text : beginningOf(text)} />
			{!whole && <Button onClick={() => setWhole(true)}>Show all</Button>}
		</>
	);
}
