/** The table of errors that a program has to expect. */

import { useRef } from "preact/hooks";
import { ERRORS } from "../../services/codes";
import { useDrawn } from "../../views/deferred";

/** On a phone a long code goes on in the next line, after an underscore. */
function breakable(code: string) {
	return code.split("_").map((part, place) => (
		<>
			{place > 0 && (
				<>
					_<wbr />
				</>
			)}
			{part}
		</>
	));
}

export function Errors() {
	const element = useRef<HTMLDetailsElement>(null);
	const drawn = useDrawn(element, false);
	return (
		<details class="try" ref={element}>
			<summary>Errors</summary>
			{drawn && <ErrorTable />}
		</details>
	);
}

function ErrorTable() {
	return (
		<div class="table">
			<table class="errors">
				<thead>
					<tr>
						<th scope="col">Status</th>
						<th scope="col">Code</th>
						<th scope="col">Meaning</th>
					</tr>
				</thead>
				<tbody>
					{ERRORS.map(([status, code, meaning, action]) => (
						<tr key={code}>
							<td>{status}</td>
							<td>
								<code>{breakable(code)}</code>
							</td>
							<td>
								{meaning} {action}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
