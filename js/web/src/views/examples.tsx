/** The author's examples: a click fills the inputs. */

import type { Call } from "../services/call";
import { isFile } from "../services/files";
import { nameOf } from "./file";
import "./examples.css";

const TEXT_MAX = 60;

function summarize(value: unknown): string {
	if (isFile(value)) return nameOf(value);
	const text = typeof value === "string" ? value : JSON.stringify(value);
	return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 3)}…` : text;
}

export function Examples({ call }: { call: Call }) {
	const { examples, inputs } = call.endpoint;
	if (!examples.length) return null;
	return (
		<section class="examples">
			<h2 class="minor">Examples</h2>
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
								<span class="visually-hidden">Use</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{examples.map((row, index) => (
							<tr key={index}>
								{row.map((value, column) => (
									<td key={column} dir="auto">
										{summarize(value)}
									</td>
								))}
								<td>
									<button type="button" class="small" onClick={() => call.fill(row)} aria-label={`Use example ${index + 1}`}>
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
