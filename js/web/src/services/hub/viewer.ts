/** Who the visitor is. Whether one may change a Space, the hub says with the Space. */

import { effect, signal } from "@preact/signals";
import { token } from "../token";
import { hubRoot, request } from "./http";
import type { Role } from "./organizations";

export interface Viewer {
	name: string;
	isAdmin: boolean;
	/** Whether the visitor may make and change anything. */
	writes: boolean;
	/** The organizations that the visitor belongs to, and as what. */
	organizations: { name: string; role: Role }[];
}

interface WhoAmI {
	name: string;
	isAdmin?: boolean;
	orgs: { name: string; roleInOrg: Role }[];
	auth: { accessToken?: { role: string } };
}

/** Whether it is a browser's session that says who the visitor is, and not a token. */
export const hasSession = () => Boolean(document.documentElement.dataset.login) && !token.value;

export async function signOut(): Promise<void> {
	await request("logout", { method: "POST" });
	location.assign(hubRoot);
}

/** undefined while the hub is asked, null for a visitor whom it does not know. */
export const viewer = signal<Viewer | null | undefined>(undefined);

/** Ask the hub again, after what the visitor is has changed. */
export function reloadViewer(): Promise<void> {
	const own = token.value;
	return request("api/whoami-v2").then(
		async (answer) => {
			const { name, isAdmin = false, orgs, auth } = (await answer.json()) as WhoAmI;
			const role = auth.accessToken?.role ?? "write"; // a session has no token
			const organizations = orgs.map((one) => ({ name: one.name, role: one.roleInOrg }));
			if (token.value === own) viewer.value = { name, isAdmin, writes: role === "write", organizations };
		},
		() => {
			if (token.value === own) viewer.value = null;
		},
	);
}

effect(() => {
	if (token.value || document.documentElement.dataset.login) void reloadViewer();
	else viewer.value = null;
});
