/** The visitor's own settings: a list of pages at the side, and one of them. */

import { type IconNode, KeyRound, LogIn, ScrollText, UserRound, UsersRound } from "lucide";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";
import { Empty } from "../../../parts/empty";
import { Skeleton } from "../../../parts/skeleton";
import { hubRoot } from "../../../services/hub/http";
import { addressOfSettings, SETTINGS_PAGES, type SettingsPage as Page } from "../../../services/hub/router";
import { hasSession, viewer } from "../../../services/hub/viewer";
import { SideNav } from "../sidenav";
import { AccountPage } from "./account";
import { LogPage } from "./log";
import { OrganizationPage } from "./organization";
import { OrganizationsPage } from "./organizations";
import { TokensPage } from "./tokens";
import "../entries.css";
import "./style.css";

const PAGES: Record<Page, { title: string; icon: IconNode; Content: FunctionComponent }> = {
	account: { title: "Account", icon: UserRound, Content: AccountPage },
	organizations: { title: "Organizations", icon: UsersRound, Content: OrganizationsPage },
	tokens: { title: "Access tokens", icon: KeyRound, Content: TokensPage },
	log: { title: "Log", icon: ScrollText, Content: LogPage },
};

const LINKS = SETTINGS_PAGES.map((name) => ({ name, title: PAGES[name].title, icon: PAGES[name].icon, href: addressOfSettings(name) }));

interface Props {
	page: Page;
	/** An organization, or empty. */
	of: string;
}

export function SettingsPage({ page, of }: Props) {
	const { title } = PAGES[page];
	useEffect(() => {
		document.title = of || title;
	}, [title, of]);
	return (
		<SideNav label="Settings" pages={LINKS} chosen={page}>
			<div class="settings">
				<h1>{of || title}</h1>
				<Content page={page} of={of} />
			</div>
		</SideNav>
	);
}

function Content({ page, of }: Props) {
	const { Content: Own } = PAGES[page];
	const isOrganizations = page === "organizations";
	if (isOrganizations && viewer.value === undefined) return <Skeleton lines={6} />;
	if (isOrganizations ? !viewer.value : !hasSession()) return <SignIn page={page} of={of} />;
	return of ? <OrganizationPage key={of} name={of} /> : <Own key={page} />;
}

/** For one's own account a token is not enough: it would let whoever found it stay. */
function SignIn({ page, of }: Props) {
	return (
		<Empty icon={LogIn} title="Sign in to see this page" text={page === "organizations" ? "Or use a token, at the top right." : "It is about your account: a token is not enough."}>
			<a class="button primary" href={`${hubRoot}login?next=/settings/${page}${of && `/${encodeURIComponent(of)}`}`}>
				Sign in
			</a>
		</Empty>
	);
}
