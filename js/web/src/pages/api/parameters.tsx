/** What an endpoint takes and returns. */

import type { Field } from "../../components/kind";
import { humanize } from "../../services/space";

/** What the author says of a parameter, beyond its name. */
function aboutOf(field: Field): string {
	const label = field.label === humanize(field.name) ? "" : field.label;
	return [label, field.info || String(field.schema.description ?? "")].filter(Boolean).join(". ");
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
							{field.required ? <span class="needed">required</span> : <small>default <code>{JSON.stringify(field.default ?? null)}</code></small>}
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
