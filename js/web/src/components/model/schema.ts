/** JSON Schema as a form needs it: references resolved, variants told apart, what is missing. No DOM in here. */

export type Schema = Record<string, unknown>;

const REFERENCES_MAX = 20;

/** The schema that a `$ref` into the root's definitions means. */
export function resolve(schema: Schema, root: Schema): Schema {
	let found = schema;
	for (let followed = 0; typeof found.$ref === "string" && followed < REFERENCES_MAX; followed++) {
		const path = found.$ref.replace(/^#\//, "").split("/");
		const target = path.reduce<unknown>((value, key) => (value as Schema | undefined)?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], root);
		const { $ref: _, ...own } = found;
		found = { ...(target as Schema | undefined), ...own };
	}
	return found;
}

/** The alternatives of a union, without null; one where it is none. */
export function variantsOf(schema: Schema, root: Schema): Schema[] {
	const all = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
	if (!all) return [schema];
	const found = all.map((one) => resolve(one, root)).filter((one) => one.type !== "null");
	return found.length ? found : [schema];
}

export function isNullable(schema: Schema, root: Schema): boolean {
	const all = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
	return Boolean(all?.some((one) => resolve(one, root).type === "null"));
}

export function propertiesOf(schema: Schema): [string, Schema][] {
	return Object.entries((schema.properties as Record<string, Schema> | undefined) ?? {});
}

export function isRequired(schema: Schema, name: string): boolean {
	return Boolean((schema.required as string[] | undefined)?.includes(name));
}

/** Whether a form says more of the value than its JSON: an object with known properties, a list or union of such. */
export function hasForm(schema: Schema, root: Schema = schema): boolean {
	return variantsOf(resolve(schema, root), root).some((one) => {
		if (one.type === "array") return typeof one.items === "object" && hasForm(one.items as Schema, root);
		return one.properties !== undefined && !isFileSchema(one);
	});
}

function isFileSchema(schema: Schema): boolean {
	const properties = schema.properties as Schema | undefined;
	return Boolean(properties && "path" in properties && "meta" in properties);
}

/** Whether a value can be one of this variant. */
export function fits(value: unknown, schema: Schema): boolean {
	if (Array.isArray(schema.enum)) return schema.enum.includes(value);
	if ("const" in schema) return schema.const === value;
	switch (schema.type) {
		case "array":
			return Array.isArray(value);
		case "object":
			return typeof value === "object" && value !== null && !Array.isArray(value) && discriminates(value as Schema, schema);
		case "integer":
			return Number.isInteger(value);
		default:
			return schema.type === undefined || typeof value === schema.type;
	}
}

/** Whether the constants of a variant, as `kind: "circle"`, are those of the value. */
function discriminates(value: Schema, schema: Schema): boolean {
	return propertiesOf(schema).every(([name, one]) => !("const" in one) || value[name] === one.const);
}

/** What a new entry of this schema holds: defaults and constants; undefined where the visitor has to give a value. */
export function emptyOf(schema: Schema, root: Schema): unknown {
	const own = resolve(schema, root);
	if ("default" in own) return structuredClone(own.default);
	const [first = own] = variantsOf(own, root);
	if ("const" in first) return first.const;
	if (first.type === "boolean") return false;
	if (first.type === "array") return [];
	if (!first.properties) return undefined;
	const entries = propertiesOf(first).map(([name, one]) => [name, emptyOf(one, root)] as const);
	return Object.fromEntries(entries.filter(([name, value]) => value !== undefined && (isRequired(first, name) || value !== null)));
}

/** What is still needed, as paths of labels: "Items 2: Price". */
export function missingIn(value: unknown, schema: Schema, root: Schema, path = ""): string[] {
	const own = resolve(schema, root);
	if (value === null && isNullable(own, root)) return [];
	const variants = variantsOf(own, root);
	const chosen = variants.find((one) => fits(value, one)) ?? (variants[0] as Schema);
	if (value === undefined) return [path || "a value"];
	if (Array.isArray(value)) {
		const items = (chosen.items ?? {}) as Schema;
		const few = value.length < Number(chosen.minItems ?? 0) ? [`${path || "entries"} (at least ${Number(chosen.minItems)})`] : [];
		return [...few, ...value.flatMap((one, index) => missingIn(one, items, root, `${path} ${index + 1}`.trim()))];
	}
	if (typeof value !== "object" || value === null) return [];
	return propertiesOf(chosen).flatMap(([name, one]) => {
		const inside = (value as Schema)[name];
		const label = [path, titleOf(name, resolve(one, root))].filter(Boolean).join(": ");
		if (inside === undefined) return isRequired(chosen, name) ? [label] : [];
		return missingIn(inside, one, root, label);
	});
}

export function titleOf(name: string, schema: Schema): string {
	const words = name.replace(/[_-]+/g, " ").trim();
	return String(schema.title ?? "") || words.charAt(0).toUpperCase() + words.slice(1);
}
