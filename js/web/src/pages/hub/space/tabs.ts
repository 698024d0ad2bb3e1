/** The tabs of a Space's page. */

import type { SpaceTab } from "../../../services/hub/router";

export const TAB_NAMES: Record<SpaceTab, string> = {
	app: "App",
	readme: "README",
	files: "Files",
	api: "API",
	jobs: "Jobs",
	logs: "Logs",
	usage: "Usage",
	settings: "Settings",
};
