/** The variables and secrets of a Space, for who may change it. A secret's value is never shown again. */

import { request, send } from "./http";

export type VariableKind = "variables" | "secrets";

export type Variables = Record<string, { value?: string; description: string | null; updatedAt: string }>;

export async function getVariables(id: string, kind: VariableKind): Promise<Variables> {
	return (await request(`api/spaces/${id}/${kind}`)).json() as Promise<Variables>;
}

export function setVariable(id: string, kind: VariableKind, key: string, value: string): Promise<Variables> {
	return send("POST", `api/spaces/${id}/${kind}`, { key, value }) as Promise<Variables>;
}

export function removeVariable(id: string, kind: VariableKind, key: string): Promise<Variables> {
	return send("DELETE", `api/spaces/${id}/${kind}`, { key }) as Promise<Variables>;
}
