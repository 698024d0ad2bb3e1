/** The visitor's access tokens. A token is shown once, when it is made. */

import { request, send } from "./http";

export type TokenRole = "read" | "write" | "fineGrained";
export type TokenRight = "call" | "read" | "write" | "manage";

export interface AccessToken {
	id: number;
	name: string;
	/** Its first characters. */
	shown: string;
	role: TokenRole;
	/** As `ann/app:call`. */
	scopes: string[];
	/** Seconds since the epoch. */
	createdAt: number;
	expiresAt: number | null;
	usedAt: number | null;
	usedFrom: string | null;
}

export async function listTokens(): Promise<AccessToken[]> {
	return (await request("api/tokens")).json() as Promise<AccessToken[]>;
}

/** `days` undefined: valid until it is revoked. */
export async function makeToken(name: string, role: TokenRole, scopes: string[], days?: number): Promise<string> {
	const token = await send("POST", "api/tokens", { name, role, scopes, ...(days !== undefined && { days }) });
	return (token as { token: string }).token;
}

export const revokeToken = (id: number) => send("DELETE", `api/tokens/${id}`);
