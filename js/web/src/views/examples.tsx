/** Rows of arguments that an author offers: a click fills them in. */

import type { Call } from "../services/call";
import { isFile, nameOf } from "./file";

function shown(value: unknown): string {
	if (isFile(value)) return nameOf(value);
	const text = typeof value === "string" ? value : JSON.stringify(value);
	return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export function Examples({ call }: { call: Call }) {
	const { examples, inputs } = call.endpoint;
	if (!examples.length) return null;
	return (
		<section class="examples">
			<h3>Examples</h3>
			<div class="table">
				<table>
					<thead>
						<tr>
							{inputs.map((field) => (
								<th key={field.name} scope="col">
									{field.label}
								</th>
							))}
							<th>
								<span class="unseen">Use</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{examples.map((row, place) => (
							<tr key={place}>
								{row.map((value, column) => (
									<td key={column}>{shown(value)}</td>
								))}
								<td>
									<button type="button" class="small" onClick={() => call.fill(row)} aria-label={`Use example ${place + 1}`}>
										Use
									</button>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</section>
	);
}
