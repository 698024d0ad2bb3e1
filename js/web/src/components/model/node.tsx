/** The part of a form for one value of a schema. Objects and lists hold more of these. */

import { Plus, X } from "lucide";
import { useState } from "preact/hooks";
import { Button, IconButton } from "../../parts/button";
import { Field } from "../../parts/field";
import { Select } from "../../parts/select";
import { faultsInside, whyOf } from "../../services/faults";
import type { Fault } from "../kind";
import { emptyOf, fits, isNullable, isRequired, propertiesOf, resolve, type Schema, titleOf, variantsOf } from "./schema";

const ITEMS_MAX = 200;
const INPUT_TYPES: Record<string, "date" | "time" | "email" | "url"> = { date: "date", time: "time", email: "email", uri: "url" };

interface Props {
	schema: Schema;
	root: Schema;
	value: unknown;
	change: (value: unknown) => void;
	id: string;
	label: string;
	/** Without it the value may be left out. */
	required: boolean;
	/** What the server refused inside the value. */
	faults: Fault[];
}

export function Node(props: Props) {
	const { root, value, id, label, required, change } = props;
	const own = resolve(props.schema, root);
	const variants = variantsOf(own, root);
	const [picked, setPicked] = useState(0);
	const found = variants.findIndex((one) => fits(value, one));
	const at = variants.length > 1 && found >= 0 && value !== undefined ? found : Math.min(picked, variants.length - 1);
	const schema = variants.length > 1 ? (variants[at] as Schema) : { ...(variants[0] as Schema), ...pick(own, ["description", "default"]) };
	const optional = !required || isNullable(own, root);
	if (variants.length === 1) return <Value {...props} schema={schema} required={!optional} />;
	const options = variants.map((one, index) => [String(index), nameOf(one, index)] as const);
	return (
		<Field label={label} group info={description(own)} optional={optional}>
			<Select
				label={`${label}: kind`}
				options={options}
				value={String(at)}
				change={(chosen) => {
					setPicked(Number(chosen));
					change(emptyOf(variants[Number(chosen)] as Schema, root));
				}}
			/>
			<Value {...props} id={`${id}-${at}`} schema={schema} label={nameOf(schema, at)} required={!optional} />
		</Field>
	);
}

function pick(schema: Schema, names: string[]): Schema {
	return Object.fromEntries(names.filter((name) => name in schema).map((name) => [name, schema[name]]));
}

const description = (schema: Schema) => (typeof schema.description === "string" ? schema.description : undefined);

function nameOf(schema: Schema, index: number): string {
	if (typeof schema.title === "string") return schema.title;
	return { string: "Text", integer: "Whole number", number: "Number", boolean: "Yes or no", array: "List", object: "Object" }[String(schema.type)] ?? `Kind ${index + 1}`;
}

function Value(props: Props) {
	const { schema, value, change, id, label, required, faults } = props;
	if (schema.properties) return <ObjectFields {...props} />;
	if (schema.type === "array" && typeof schema.items === "object") return <ListFields {...props} />;
	const info = description(schema);
	if ("const" in schema) return null;
	const problem = whyOf(faults);
	if (schema.type === "boolean") {
		return (
			<Field id={id} problem={problem}>
				<label class="check">
					<input id={id} type="checkbox" checked={value === true} onChange={(event) => change(event.currentTarget.checked)} {...marksOf(id, problem)} />
					{label}
					{info && <small>{info}</small>}
				</label>
			</Field>
		);
	}
	return (
		<Field id={id} label={label} info={info} problem={problem} optional={!required}>
			<Control {...props} />
		</Field>
	);
}

/** How a control says that it is wrong, and what names the reason. */
function marksOf(id: string, problem: string | undefined) {
	return problem ? { "aria-invalid": true, "aria-describedby": `${id}-problem` } : {};
}

function Control({ schema, value, change, id, required, faults }: Props) {
	const none = required ? undefined : null;
	const marks = marksOf(id, whyOf(faults));
	if (Array.isArray(schema.enum)) {
		const choices = schema.enum as unknown[];
		return (
			<select
				id={id}
				{...marks}
				value={String(choices.indexOf(value))}
				onChange={(event) => change(event.currentTarget.value === "-1" ? none : choices[Number(event.currentTarget.value)])}
			>
				{(!choices.includes(value) || !required) && <option value="-1">{required ? "Choose…" : "–"}</option>}
				{choices.map((one, index) => (
					<option key={index} value={String(index)}>
						{String(one)}
					</option>
				))}
			</select>
		);
	}
	if (schema.type === "integer" || schema.type === "number") {
		return (
			<input
				id={id}
				{...marks}
				type="number"
				step={schema.type === "integer" ? 1 : "any"}
				min={numberOr(schema.minimum)}
				max={numberOr(schema.maximum)}
				value={typeof value === "number" ? value : ""}
				onInput={(event) => change(Number.isNaN(event.currentTarget.valueAsNumber) ? none : event.currentTarget.valueAsNumber)}
			/>
		);
	}
	if (schema.type === "string") {
		return (
			<input
				id={id}
				{...marks}
				type={(INPUT_TYPES[String(schema.format)] ?? "text") as "text"}
				dir="auto"
				maxLength={numberOr(schema.maxLength)}
				placeholder={String((schema.examples as unknown[] | undefined)?.[0] ?? "")}
				value={typeof value === "string" ? value : ""}
				onInput={(event) => change(event.currentTarget.value === "" ? (schema.format || Number(schema.minLength) > 0 ? none : "") : event.currentTarget.value)}
			/>
		);
	}
	return <JsonControl id={id} value={value} change={change} none={none} problem={whyOf(faults)} />;
}

const numberOr = (value: unknown) => (typeof value === "number" ? value : undefined);

/** For what has no form. */
function JsonControl({ id, value, change, none, problem }: Pick<Props, "id" | "value" | "change"> & { none: unknown; problem: string | undefined }) {
	const [typed, setTyped] = useState<string>();
	return (
		<textarea
			id={id}
			class="mono"
			rows={2}
			spellcheck={false}
			placeholder="JSON"
			value={typed ?? (value === undefined ? "" : JSON.stringify(value))}
			{...marksOf(id, problem)}
			aria-invalid={typed !== undefined || problem !== undefined}
			onInput={(event) => {
				const text = event.currentTarget.value;
				try {
					change(text.trim() ? JSON.parse(text) : none);
					setTyped(undefined);
				} catch {
					setTyped(text);
					change(none);
				}
			}}
		/>
	);
}

function ObjectFields({ schema, root, value, change, id, label, required, faults }: Props) {
	const own = typeof value === "object" && value !== null ? (value as Schema) : {};
	const set = (name: string, next: unknown) => {
		const { [name]: _, ...rest } = own;
		change(next === undefined ? rest : { ...rest, [name]: next });
	};
	const isMember = (step: string | number) => typeof step === "string" && Object.hasOwn(schema.properties as Schema, step);
	return (
		<Field label={label} group info={description(schema)} problem={whyOf(faults, isMember)} optional={!required}>
			<div class="members">
				{propertiesOf(schema).map(([name, one]) => (
					<Node
						key={name}
						schema={one}
						root={root}
						value={own[name]}
						change={(next) => set(name, next)}
						id={`${id}-${encodeURIComponent(name)}`}
						label={titleOf(name, resolve(one, root))}
						required={isRequired(schema, name)}
						faults={faultsInside(faults, name, isMember)}
					/>
				))}
			</div>
		</Field>
	);
}

const isIndex = (step: string | number) => typeof step === "number";

function ListFields({ schema, root, value, change, id, label, required, faults }: Props) {
	const items = Array.isArray(value) ? value : [];
	const one = schema.items as Schema;
	const full = items.length >= Math.min(ITEMS_MAX, Number(schema.maxItems ?? ITEMS_MAX));
	return (
		<Field label={label} group info={description(schema)} problem={whyOf(faults, isIndex)} optional={!required}>
			{items.map((item, index) => (
				<div class="entry" key={index}>
					<Node
						schema={one}
						root={root}
						value={item}
						change={(next) => change(items.map((old, at) => (at === index ? next : old)))}
						id={`${id}-${index}`}
						label={`${label} ${index + 1}`}
						required
						faults={faultsInside(faults, index, isIndex)}
					/>
					<IconButton label={`Remove ${label} ${index + 1}`} icon={X} onClick={() => change(items.filter((_, at) => at !== index))} />
				</div>
			))}
			<div>
				<Button small icon={Plus} disabled={full} onClick={() => change([...items, emptyOf(one, root)])}>
					Add
				</Button>
			</div>
		</Field>
	);
}
