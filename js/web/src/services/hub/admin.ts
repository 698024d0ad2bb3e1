/** What admins of the hub see and change: users, tiers, and the machine. */

import type { LogEntry } from "./account";
import { request, send } from "./http";

export interface User {
	name: string;
	tier: string;
	admin: boolean;
	/** Seconds since the epoch. */
	createdAt: number;
}

/** How much an account of a tier may use; a tier that nobody has changed is as it came. */
export interface Tier {
	name: string;
	/** Requests to the hub in five minutes. */
	requests: number;
	gpu_s: number;
	/** Calls of a lower one go first. */
	priority: number;
	/** Calls of Spaces in five minutes. */
	calls: number;
	/** Files of Spaces in five minutes. */
	resolver: number;
	/** Pages of the hub in five minutes. */
	pages: number;
	/** Open at once; 0: as many as the hub's settings say. */
	streams: number;
	/** Bytes that the Spaces of an owner may keep; 0: any number. */
	storage: number;
}

export type TierLimit = Exclude<keyof Tier, "name">;

/** Sizes in bytes; null where the system does not say. */
export interface Machine {
	processors: number;
	/** Of the last 1, 5 and 15 minutes. */
	load: number[];
	memory: { total: number; available: number } | null;
	disk: { total: number; free: number };
	/** Seconds since the epoch. */
	startedAt: number;
	spaces: { id: string; stage: string; replicas: number; queued: number; running: number }[];
}

/** How the hub's mail does since it started. */
export interface Mail {
	configured: boolean;
	sent: number;
	failed: number;
	/** Why the last one did not go out; `at` in seconds since the epoch. */
	problem: { at: number; text: string } | null;
}

const json = async <T>(path: string) => (await request(path)).json() as Promise<T>;
const pathOfUser = (name: string) => `api/users/${encodeURIComponent(name)}`;

export const listUsers = () => json<User[]>("api/users");
export const addUser = (name: string, tier: string) => send("POST", "api/users", { name, tier });
export const changeUser = (name: string, to: { tier?: string; admin?: boolean }) => send("PATCH", pathOfUser(name), to);
export const pathOfRemoval = pathOfUser;

/** A link that sets a new password once; it is not shown again. */
export async function makeReset(name: string): Promise<string> {
	return ((await send("POST", `${pathOfUser(name)}/password-reset`)) as { link: string }).link;
}

/** `account` and `space` are empty where there was none; the names are those of that time. */
export interface AuditEntry extends LogEntry {
	id: number;
	account: string;
	space: string;
}

/** Newest first. `next`: the `before` of the next page; null for the last one. */
export const searchAudit = (wanted: { account?: string; space?: string; action?: string; before?: string }) =>
	json<{ entries: AuditEntry[]; next: number | null }>(`api/audit?${new URLSearchParams(wanted)}`);

export const listTiers = () => json<Tier[]>("api/tiers");
export const changeTier = (name: string, limits: Partial<Record<TierLimit, number>>) => send("PUT", `api/tiers/${encodeURIComponent(name)}`, limits);
export const resetTier = (name: string) => send("DELETE", `api/tiers/${encodeURIComponent(name)}`);
export const getMachine = () => json<Machine>("api/machine");
export const getMail = () => json<Mail>("api/mail");
