/** What an endpoint takes and returns. */

import type { Field } from "../../components/kind";
import { shorten } from "../../services/shorten";
import { humanize } from "../../services/space";

const SHOWN_MAX = 2000;

/** What the author says of a parameter, beyond its name. */
function aboutOf(field: Field): string {
	const label = field.label === humanize(field.name) ? "" : field.label;
	return [label, field.info || shorten(String(field.schema.description ?? ""), SHOWN_MAX)].filter(Boolean).join(". ");
}

export function Parameters({ fields }: { fields: Field[] }) {
	if (!fields.length) return <p>This endpoint takes no parameters.</p>;
	return (
		<>
			<h3>Parameters</h3>
			<ul class="parameters">
				{fields.map((field) => (
					<li key={field.name}>
						<p>
							<code class="name">{field.name}</code> <code class="type">{field.python}</code>
							{field.required ? <span class="needed">required</span> : <small>default <code>{shorten(JSON.stringify(field.default ?? null), SHOWN_MAX)}</code></small>}
						</p>
						{aboutOf(field) && <small>{aboutOf(field)}</small>}
					</li>
				))}
			</ul>
		</>
	);
}

export function Returns({ fields }: { fields: Field[] }) {
	return (
		<>
			<h3>Returns</h3>
			<ul class="parameters returns">
				{fields.map((field, index) => (
					<li key={index}>
						<p>
							<span class="name">{field.label}</span> <code class="type">{field.python}</code>
							{field.component !== "Api" && <small>{field.component}</small>}
						</p>
					</li>
				))}
				{!fields.length && <li>Nothing.</li>}
			</ul>
		</>
	);
}
