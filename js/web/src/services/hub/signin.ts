/** How the visitor signs in beside a password: a second factor, passkeys, single sign-on; and the address for mail. */

import { request, send } from "./http";

export interface SecondFactor {
	on: boolean;
	/** How many are left. */
	recoveryCodes: number;
}

export interface Enrolment {
	secret: string;
	/** A QR code of the secret, as a `data:` address. */
	picture: string;
}

export interface Passkey {
	id: number;
	name: string;
	/** Seconds since the epoch. */
	createdAt: number;
	usedAt: number | null;
}

export interface SingleSignOn {
	/** What it is called; null where the hub has none. */
	provider: string | null;
	linked: { email: string; linkedAt: number }[];
}

export interface MailAddress {
	/** Empty for none. */
	email: string;
	/** Whether the hub sends mail. */
	mail: boolean;
}

const get = async <T>(path: string) => (await request(path)).json() as Promise<T>;

const FACTOR = "api/account/second-factor";
export const getSecondFactor = () => get<SecondFactor>(FACTOR);
export const startSecondFactor = (password: string) => send("POST", FACTOR, { password }) as Promise<Enrolment>;
export const endSecondFactor = (password: string) => send("DELETE", FACTOR, { password });

/** The recovery codes, which the hub tells only now. */
export async function confirmSecondFactor(code: string): Promise<string[]> {
	return ((await send("PUT", FACTOR, { code })) as { recoveryCodes: string[] }).recoveryCodes;
}

export async function newRecoveryCodes(password: string): Promise<string[]> {
	return ((await send("POST", "api/account/recovery-codes", { password })) as { recoveryCodes: string[] }).recoveryCodes;
}

const PASSKEYS = "api/account/passkeys";
export const listPasskeys = () => get<Passkey[]>(PASSKEYS);
export const renamePasskey = (id: number, name: string) => send("PATCH", `${PASSKEYS}/${id}`, { name });
export const deletePasskey = (id: number) => send("DELETE", `${PASSKEYS}/${id}`);
export const hasPasskeys = () => typeof PublicKeyCredential !== "undefined" && "parseCreationOptionsFromJSON" in PublicKeyCredential;

/** Has the browser make a passkey, which asks its user. Rejects where that is cancelled. */
export async function addPasskey(name: string, password: string): Promise<void> {
	const started = (await send("POST", `${PASSKEYS}/options`, { password })) as { options: PublicKeyCredentialCreationOptionsJSON; ticket: string };
	const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(started.options);
	const answer = await navigator.credentials.create({ publicKey }).catch((error: Error) => {
		const known = error.name === "InvalidStateError";
		throw new Error(known ? "This device has a passkey for your account already." : "No passkey was made: it was cancelled, or took too long.");
	});
	const credential = (answer as PublicKeyCredential).toJSON();
	await send("POST", PASSKEYS, { ticket: started.ticket, credential, name });
}

const OPENID = "api/account/openid";
export const getSingleSignOn = () => get<SingleSignOn>(OPENID);
export const unlink = () => send("DELETE", OPENID);

/** Goes to the provider, which comes back to the account's page. */
export async function link(): Promise<void> {
	location.assign(((await send("POST", OPENID)) as { url: string }).url);
}

const EMAIL = "api/account/email";
export const getMailAddress = () => get<MailAddress>(EMAIL);
export const changeMailAddress = (email: string, password: string) => send("PUT", EMAIL, { email, password });
export const removeMailAddress = (password: string) => send("DELETE", EMAIL, { password });
