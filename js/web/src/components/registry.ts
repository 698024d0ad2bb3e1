/** All components, found by their folders: adding one edits no other file. */

import type { Field, Kind } from "./kind";
import { hasForm } from "./model/schema";

const found = import.meta.glob<Kind>("./*/index.tsx", { eager: true, import: "default" });
const kinds = new Map<string, Kind>();
for (const kind of Object.values(found)) for (const type of kind.types) kinds.set(type, kind);

/** The component for a field: by its type, or by its schema where the parameter has a plain annotation (`api`). */
export function kindOf(field: Field): Kind {
	const own = kinds.get(field.kind);
	const name = own && field.kind !== "api" ? field.kind : bySchema(field.schema);
	return (kinds.get(name) ?? kinds.get("json")) as Kind;
}

function bySchema(schema: Record<string, unknown>): string {
	const properties = schema.properties as Record<string, unknown> | undefined;
	if (properties && "path" in properties && "meta" in properties) return "file";
	if (Array.isArray(schema.enum)) return "dropdown";
	if (schema.type === "boolean") return "checkbox";
	if (schema.type === "integer" || schema.type === "number") return "number";
	if (schema.type === "string") return "textbox";
	return hasForm(schema) ? "model" : "json";
}

/** What an input holds before anybody has touched it; undefined where the visitor has to give a value. */
export function initialValue(field: Field): unknown {
	if (!field.required) return structuredClone(field.default ?? null);
	return kindOf(field).initial?.(field);
}
