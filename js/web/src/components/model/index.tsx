/** A typed model, a union or a list of such: a form that its JSON schema describes. */

import { useRef } from "preact/hooks";
import type { InputProps, Kind } from "../kind";
import json from "../json";
import { Draft } from "../../services/draft";
import { Node } from "./node";
import { emptyOf, missingIn, type Schema } from "./schema";
import "./style.css";

/** The value is sent when nothing that is required is missing; until then it is a draft. */
function Input({ field, value, id, faults = [] }: InputProps) {
	const root = field.schema as Schema;
	const partial = useRef<{ of: unknown; value: unknown } | undefined>(undefined);
	const current = value.value;
	const shown = partial.current?.of === current ? partial.current?.value : current instanceof Draft ? undefined : current;
	const change = (next: unknown) => {
		const missing = missingIn(next, root, root);
		const given = missing.length ? new Draft(JSON.stringify(next) ?? "", `Still needed: ${missing.join(", ")}`) : next;
		partial.current = { of: given, value: next };
		value.value = given;
	};
	return (
		<div class="schema-form" id={id}>
			<Node
				schema={{ ...root, title: "" }}
				root={root}
				value={shown ?? emptyOf(root, root)}
				change={change}
				id={`${id}-value`}
				label=""
				required
				faults={faults.filter(({ path }) => path.length)}
			/>
		</div>
	);
}

export default { types: ["model"], input: Input, output: json.output, actions: json.actions, group: true, faults: true } satisfies Kind;
