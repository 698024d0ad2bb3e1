/** The hub's pages: one bar, and below it the view that the address names. */

import { useEffect, useRef } from "preact/hooks";
import { Banner } from "../../parts/banner";
import { Skeleton } from "../../parts/skeleton";
import { Toasts } from "../../parts/toast";
import { address, type View, viewOf } from "../../services/hub/router";
import { dismissToast, toasts } from "../../services/hub/toasts";
import { tokenProblem } from "../../services/token";
import { lazy } from "../../views/lazy";
import { Bar } from "./bar";
import { DirectoryPage } from "./directory";
import { OwnerPage } from "./directory/owner";
import { MissingPage } from "./missing";
import { SpacePage } from "./space";
import "./style.css";
import "./directory.css";
import "./states.css";

const SettingsPage = lazy(async () => (await import("./settings")).SettingsPage, <Skeleton lines={8} />);
const AdminPage = lazy(async () => (await import("./admin")).AdminPage, <Skeleton lines={8} />);
const NewSpacePage = lazy(async () => (await import("./new")).NewSpacePage, <Skeleton lines={8} />);

/** Views of the same place share what they have loaded. */
function placeOf(view: View): string {
	if (view.name === "space") return `space ${view.id}`;
	return view.name === "owner" ? `owner ${view.owner}` : view.name;
}

export function HubPage() {
	const view = viewOf(address.value);
	const place = placeOf(view);
	const main = useRef<HTMLElement>(null);
	const shown = useRef(place);
	useEffect(() => {
		if (shown.current === place) return;
		shown.current = place;
		main.current?.focus({ preventScroll: true }); // as after the load of a page, reading begins at its top
	}, [place]);
	return (
		<>
			<a class="skip" href="#content">
				Skip to the content
			</a>
			<Bar view={view} />
			<main ref={main} id="content" class="hub" tabIndex={-1}>
				{tokenProblem.value && (
					<Banner tone="bad" role="alert">
						{tokenProblem.value}
					</Banner>
				)}
				{view.name === "directory" && <DirectoryPage key={view.home} home={view.home} />}
				{view.name === "owner" && <OwnerPage key={view.owner} owner={view.owner} />}
				{view.name === "space" && <SpacePage key={view.id} view={view} />}
				{view.name === "settings" && <SettingsPage page={view.page} of={view.of} />}
				{view.name === "admin" && <AdminPage page={view.page} />}
				{view.name === "new" && <NewSpacePage />}
				{view.name === "missing" && <MissingPage />}
			</main>
			<Toasts items={toasts.value} dismiss={dismissToast} />
		</>
	);
}
