/** The visitor's own account: password, sessions, and its end. The hub asks for the session of a browser. */

import { HubError, request, send } from "./http";

export interface Account {
	name: string;
	tier: string;
	admin: boolean;
	/** Seconds since the epoch. */
	createdAt: number;
	/** Whether it has a password: who signs in elsewhere needs none. */
	password: boolean;
	storage: StorageUsage;
}

/** Bytes that the Spaces of an owner keep. */
export interface StorageUsage {
	used: number;
	/** 0: any number. */
	limit: number;
}

export interface BrowserSession {
	id: number;
	/** What the browser says of itself. */
	device: string;
	address: string;
	/** Seconds since the epoch. */
	createdAt: number;
	usedAt: number;
	current: boolean;
}

export async function getAccount(): Promise<Account> {
	return (await request("api/account")).json() as Promise<Account>;
}

export const changePassword = (current: string, own: string) => send("PUT", "api/account/password", { current, new: own });

export const renameAccount = (name: string, password: string) => send("PUT", "api/account/name", { name, password });

/** The one used last first. */
export async function listSessions(): Promise<BrowserSession[]> {
	return (await request("api/sessions")).json() as Promise<BrowserSession[]>;
}

export const endSession = (id: number) => send("DELETE", `api/sessions/${id}`);
export const endOtherSessions = () => send("DELETE", "api/sessions");

/** What is deleted together with an account or an organization, as the hub says it to whoever has not confirmed. */
export async function whatGoesWith(path: string): Promise<string> {
	try {
		await send("DELETE", path);
	} catch (error) {
		if (error instanceof HubError && error.status === 400) return error.message.replace(/ To delete it, send .*$/, "");
		throw error;
	}
	return "";
}

export const OWN_ACCOUNT = "api/account";
export const deleteAccount = (path: string, confirm: string, password = "") => send("DELETE", path, { confirm, password });

export interface LogEntry {
	/** Seconds since the epoch. */
	at: number;
	/** "token NAME" or "browser ID". */
	credential: string;
	/** A method and a path, or what else was done. */
	action: string;
	/** Of the answer; 0 where there was none. */
	status: number;
	address: string;
}

/** Newest first. */
export async function getLog(credential = ""): Promise<LogEntry[]> {
	const query = credential && `?credential=${encodeURIComponent(credential)}`;
	return (await request(`api/account/log${query}`)).json() as Promise<LogEntry[]>;
}
