/** Administration: a list of pages at the side, and one of them. */

import { Box, Cpu, Gauge, type IconNode, Mail, ScrollText, ShieldX, UsersRound } from "lucide";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";
import { Empty } from "../../../parts/empty";
import { Skeleton } from "../../../parts/skeleton";
import { ADMIN_PAGES, addressOfAdmin, type AdminPage as Page } from "../../../services/hub/router";
import { listInvitations } from "../../../services/hub/organizations";
import { viewer } from "../../../services/hub/viewer";
import { Problem, useLoaded } from "../../../views/loaded";
import { SideNav } from "../sidenav";
import { InvitationsCard } from "../settings/invitations";
import { AuditPage } from "./log";
import { MachinePage } from "./machine";
import { SpacesPage } from "./spaces";
import { TiersPage } from "./tiers";
import { UsersPage } from "./users";
import "../entries.css";
import "../settings/style.css";
import "./style.css";

const PAGES: Record<Page, { title: string; icon: IconNode; Content: FunctionComponent }> = {
	users: { title: "Users", icon: UsersRound, Content: UsersPage },
	invitations: { title: "Invitations", icon: Mail, Content: InvitationsPage },
	tiers: { title: "Tiers", icon: Gauge, Content: TiersPage },
	spaces: { title: "Spaces", icon: Box, Content: SpacesPage },
	machine: { title: "Machine", icon: Cpu, Content: MachinePage },
	log: { title: "Log", icon: ScrollText, Content: AuditPage },
};

const LINKS = ADMIN_PAGES.map((name) => ({ name, title: PAGES[name].title, icon: PAGES[name].icon, href: addressOfAdmin(name) }));

/** Links with which people make an account. */
function InvitationsPage() {
	const [open, problem, reload] = useLoaded(() => listInvitations(), "invitations");
	if (problem) return <Problem title="The invitations cannot be shown" text={problem} />;
	return open ? <InvitationsCard open={open} changed={reload} /> : <Skeleton lines={4} height_px={44} />;
}

export function AdminPage({ page }: { page: Page }) {
	const { title, Content } = PAGES[page];
	useEffect(() => {
		document.title = `Administration: ${title}`;
	}, [title]);
	return (
		<SideNav label="Administration" pages={LINKS} chosen={page}>
			<div class="settings wide">
				<h1>{title}</h1>
				{viewer.value === undefined && <Skeleton lines={8} />}
				{viewer.value?.isAdmin && <Content key={page} />}
				{viewer.value !== undefined && !viewer.value?.isAdmin && (
					<Empty icon={ShieldX} title="Only admins of this hub see this page" text="Sign in as one, or use a token of one, at the top right." />
				)}
			</div>
		</SideNav>
	);
}
