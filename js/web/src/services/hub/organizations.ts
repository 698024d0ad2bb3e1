/** Organizations: their members with roles, and invitations by link. */

import type { StorageUsage } from "./account";
import { request, send } from "./http";

export const ROLES = ["read", "contributor", "write", "admin"] as const;
export type Role = (typeof ROLES)[number];

export interface Member {
	user: string;
	role: Role;
	/** A date. */
	since: string;
}

/** A link that can still be used; the link itself is shown once, when it is made. */
export interface Invitation {
	id: number;
	role?: Role;
	inviter?: string | null;
	/** Seconds since the epoch. */
	expiresAt: number;
	usesLeft: number;
}

export const pathOfOrganization = (name: string) => `api/organizations/${encodeURIComponent(name)}`;

export const renameOrganization = (organization: string, name: string) => send("PATCH", pathOfOrganization(organization), { name });
export const addOrganization = (name: string) => send("POST", "api/organizations", { name });

export async function listMembers(organization: string): Promise<Member[]> {
	return (await request(`${pathOfOrganization(organization)}/members`)).json() as Promise<Member[]>;
}

export async function getStorage(organization: string): Promise<StorageUsage> {
	return (await request(`${pathOfOrganization(organization)}/storage`)).json() as Promise<StorageUsage>;
}

export const setRole = (organization: string, user: string, role: Role) =>
	send("PUT", `${pathOfOrganization(organization)}/members/${encodeURIComponent(user)}`, { role });

export const removeMember = (organization: string, user: string) =>
	send("DELETE", `${pathOfOrganization(organization)}/members/${encodeURIComponent(user)}`);

export const leaveOrganization = (organization: string) => send("POST", `${pathOfOrganization(organization)}/leave`);

/** Of an organization, or of the hub itself. */
export async function listInvitations(organization?: string): Promise<Invitation[]> {
	return (await request(pathOfInvitations(organization))).json() as Promise<Invitation[]>;
}

/** The link is not shown again. `mailed` is there where a mail was asked for; `problem` says why none went out. */
export interface NewInvitation {
	link: string;
	mailed?: boolean;
	problem?: string;
}

export const invite = (offer: { role?: Role; days: number; uses: number; email?: string }, organization?: string) =>
	send("POST", pathOfInvitations(organization), offer) as Promise<NewInvitation>;

export const revokeInvitation = (id: number, organization?: string) => send("DELETE", `${pathOfInvitations(organization)}/${id}`);

const pathOfInvitations = (organization?: string) => (organization === undefined ? "api/invitations" : `${pathOfOrganization(organization)}/invitations`);
