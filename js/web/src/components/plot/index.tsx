/** A figure: a picture of it; what only a library of its own could draw is shown as its data. */

import type { Kind, OutputProps } from "../kind";
import { Tree } from "../json";

interface Figure {
	type?: string;
	plot?: string;
}

function Output({ field, value }: OutputProps) {
	const own = (value ?? {}) as Figure;
	if (own.plot?.startsWith("data:image/")) return <img class="figure-picture" src={own.plot} alt={field.label} />;
	if (!own.plot) return <p class="nothing">No figure</p>;
	let data: unknown = own.plot;
	try {
		data = JSON.parse(own.plot);
	} catch {
		// as it is
	}
	return (
		<>
			<p>
				<small>A figure of {own.type}: its data</small>
			</p>
			<Tree value={data} />
		</>
	);
}

export default { types: ["plot"], output: Output } satisfies Kind;
