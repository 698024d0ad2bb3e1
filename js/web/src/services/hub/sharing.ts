/** Who sees a private Space beside its owners: guests by name, and anyone who has its link. */

import { request, send } from "./http";

export interface Sharing {
	/** Users and organizations. */
	guests: string[];
	/** Whether there is a link; it is shown once, when it is made. */
	link: boolean;
}

export async function getSharing(id: string): Promise<Sharing> {
	return (await request(`api/spaces/${id}/guests`)).json() as Promise<Sharing>;
}

const pathOfGuest = (id: string, name: string) => `api/spaces/${id}/guests/${encodeURIComponent(name)}`;

export const addGuest = (id: string, name: string) => send("PUT", pathOfGuest(id, name));
export const removeGuest = (id: string, name: string) => send("DELETE", pathOfGuest(id, name));

/** The link, which is not shown again. An earlier one ends. */
export async function makeLink(id: string): Promise<string> {
	return ((await send("POST", `api/spaces/${id}/link`)) as { link: string }).link;
}

export const endLink = (id: string) => send("DELETE", `api/spaces/${id}/link`);
