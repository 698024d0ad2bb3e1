/** What an endpoint takes and returns. */

import type { Field } from "../../components/kind";

export function Parameters({ fields }: { fields: Field[] }) {
	if (!fields.length) return <p>This endpoint takes no parameters.</p>;
	return (
		<>
			<h3>Parameters</h3>
			<div class="table">
				<table>
					<thead>
						<tr>
							<th scope="col">Name</th>
							<th scope="col">Type</th>
							<th scope="col">Default</th>
							<th scope="col">Description</th>
						</tr>
					</thead>
					<tbody>
						{fields.map((field) => (
							<tr key={field.name}>
								<th scope="row">
									<code>{field.name}</code>
								</th>
								<td>
									<code>{field.python}</code>
								</td>
								<td>{field.required ? <em>required</em> : <code>{JSON.stringify(field.default ?? null)}</code>}</td>
								<td>
									{field.label} <small>{field.info || String(field.schema.description ?? "")}</small>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</>
	);
}

export function Returns({ fields }: { fields: Field[] }) {
	return (
		<>
			<h3>Returns</h3>
			<ul class="returns">
				{fields.map((field, index) => (
					<li key={index}>
						<strong>{field.label}</strong> <code>{field.python}</code> {field.component !== "Api" && <small>{field.component}</small>}
					</li>
				))}
				{!fields.length && <li>Nothing.</li>}
			</ul>
		</>
	);
}
