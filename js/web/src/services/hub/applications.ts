/** Apps and programs that the visitor has allowed to act for them. The hub asks for the session of a browser. */

import { request, send } from "./http";

export interface Application {
	id: number;
	/** Of a Space, or what a program says that it is. */
	name: string;
	kind: "space" | "program";
	/** What it may do, as the hub puts it. */
	may: string[];
	/** Seconds since the epoch. */
	createdAt: number;
	usedAt: number | null;
	usedFrom: string | null;
}

/** Newest first. */
export async function listApplications(): Promise<Application[]> {
	return (await request("api/applications")).json() as Promise<Application[]>;
}

export const revokeApplication = (id: number) => send("DELETE", `api/applications/${id}`);
