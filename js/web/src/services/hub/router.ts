/** The hub's views have addresses below its root. A link to one of them changes the view without loading a page. */

import { signal } from "@preact/signals";
import { decodePercent } from "../percent";
import { hubRoot } from "./http";

export const SPACE_TABS = ["app", "readme", "files", "api", "jobs", "logs", "usage", "settings"] as const;
export type SpaceTab = (typeof SPACE_TABS)[number];

export const SETTINGS_PAGES = ["account", "organizations", "tokens", "log"] as const;
export type SettingsPage = (typeof SETTINGS_PAGES)[number];

export const ADMIN_PAGES = ["users", "invitations", "tiers", "spaces", "machine", "log"] as const;
export type AdminPage = (typeof ADMIN_PAGES)[number];

export type View =
	| { name: "directory"; home: boolean }
	| { name: "owner"; owner: string }
	/** `kind` and `path` belong to the tab of files. */
	| { name: "space"; id: string; tab: SpaceTab; kind: "tree" | "blob" | "commits" | "commit"; revision: string; path: string }
	/** `of`: one organization. */
	| { name: "settings"; page: SettingsPage; of: string }
	| { name: "admin"; page: AdminPage }
	| { name: "new" }
	| { name: "missing" };

/** Pages of the hub that are loaded by themselves. */
const RESERVED = new Set(["login", "logout", "signup", "settings", "open", "healthz", "readyz", "metrics"]);

/** What an address shows; `missing` for one that the hub does not have (src/spaceport/hub/api/pages.py has the same). */
export function viewOf(address: string): View {
	const url = new URL(address);
	const parts = url.pathname.slice(new URL(hubRoot).pathname.length).split("/").map(decodePercent);
	if (!parts.at(-1)) parts.pop();
	const [first, owner, name, tab, revision, ...path] = parts;
	if (first === undefined || (first === "spaces" && owner === undefined)) return { name: "directory", home: first === undefined };
	if (first === "new" && owner === undefined) return { name: "new" };
	if (owner === undefined) return RESERVED.has(first) ? { name: "missing" } : { name: "owner", owner: first };
	if (first === "settings") {
		const page = SETTINGS_PAGES.find((one) => one === owner);
		const known = page && (name === undefined || (page === "organizations" && tab === undefined));
		return known ? { name: "settings", page, of: name ?? "" } : { name: "missing" };
	}
	if (first === "admin") {
		const page = ADMIN_PAGES.find((one) => one === owner);
		return page && name === undefined ? { name: "admin", page } : { name: "missing" };
	}
	if (first !== "spaces" || name === undefined) return { name: "missing" };
	const space = { name: "space", id: `${owner}/${name}`, kind: "tree", revision: "main", path: "" } as const;
	if (tab === undefined) return { ...space, tab: earlierTab(url) };
	if (tab === "tree" || tab === "blob" || tab === "commits" || tab === "commit") {
		return revision ? { ...space, tab: "files", kind: tab, revision, path: path.join("/") } : { name: "missing" };
	}
	const known = SPACE_TABS.find((one) => one === tab && one !== "app" && one !== "files");
	return known && revision === undefined ? { ...space, tab: known } : { name: "missing" };
}

/** Links of earlier versions name the tab in the query. */
function earlierTab(url: URL): SpaceTab {
	return SPACE_TABS.find((one) => one === url.searchParams.get("tab")) ?? "app";
}

const encodePath = (path: string) => path.split("/").map(encodeURIComponent).join("/");

export function addressOfSpace(id: string, tab: SpaceTab = "app"): string {
	const own = `${hubRoot}spaces/${encodePath(id)}`;
	if (tab === "app") return own;
	return tab === "files" ? `${own}/tree/main` : `${own}/${tab}`;
}

export function addressOfFile(id: string, kind: "tree" | "blob" | "commits" | "commit" | "raw" | "resolve", revision: string, path = ""): string {
	return `${hubRoot}spaces/${encodePath(id)}/${kind}/${encodePath(revision)}${path && `/${encodePath(path)}`}`;
}

export const addressOfSettings = (page: SettingsPage) => `${hubRoot}settings/${page}`;

export const addressOfNew = `${hubRoot}new`;

export const addressOfAdmin = (page: AdminPage) => `${hubRoot}admin/${page}`;

export const addressOfOrganization = (name: string) => `${addressOfSettings("organizations")}/${encodeURIComponent(name)}`;

export const addressOfOwner = (owner: string) => `${hubRoot}${encodeURIComponent(owner)}`;

/** The address of the page, with its query. */
export const address = signal(location.href);

addEventListener("popstate", () => {
	address.value = location.href;
});

/** `replace`: the entry of the history stays the same, as for a text that is being typed. */
export function navigate(to: string, { replace = false } = {}): void {
	const from = new URL(address.value);
	history[replace ? "replaceState" : "pushState"](null, "", to);
	address.value = location.href;
	if (!replace && new URL(address.value).pathname !== from.pathname) scrollTo(0, 0);
}

/** Called once by the entry: clicks on links to views, other than those that open elsewhere, do not load a page. */
export function followLinks(): void {
	document.addEventListener("click", (event) => {
		const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
		const modified = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
		if (!link || modified || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
		if (!link.href.startsWith(hubRoot) || viewOf(link.href).name === "missing") return;
		event.preventDefault();
		navigate(link.href);
	});
}
