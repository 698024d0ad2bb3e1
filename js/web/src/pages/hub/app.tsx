/** The app in a frame, or what to do when it cannot run. */

import { useEffect, useMemo, useRef } from "preact/hooks";
import { hubRoot } from "../../services/hub/http";
import type { SpaceSummary } from "../../services/hub/spaces";
import { THEME_MESSAGE } from "../../services/frame_messages";
import { shownTheme, theme } from "../../services/theme";

/** Stages in which a request gets no app, and what helps. */
const BROKEN: Record<string, string> = {
	BUILD_ERROR: "The build failed. The log says why; the next commit builds it again.",
	CONFIG_ERROR: "The README's settings are not valid. Correct them and commit.",
	RUNTIME_ERROR: "The app stopped with an error. The log says why; the next commit or a restart starts it again.",
	NO_APP_FILE: "The repository has no app file yet. Upload one.",
	PAUSED: "The Space is paused. Its owner can restart it.",
};

export function AppTab({ space, showLogs }: { space: SpaceSummary; showLogs: () => void }) {
	const why = BROKEN[space.runtime.stage];
	if (why !== undefined) {
		return (
			<div class="card">
				<h3>The app does not run</h3>
				<p>{why}</p>
				<div class="row">
					<button type="button" onClick={showLogs}>
						Show the log
					</button>
				</div>
			</div>
		);
	}
	return <Frame space={space} />;
}

/** The app is told the theme: in its address when it is loaded, and by a message when the visitor changes it. */
function Frame({ space }: { space: SpaceSummary }) {
	const frame = useRef<HTMLIFrameElement>(null);
	const address = useMemo(() => {
		const own = new URL(space.host);
		own.searchParams.set("__theme", shownTheme());
		own.searchParams.set("__chrome", "0");
		// The hub takes a visitor who is signed in to the private Space's own host, which gets no token of the page.
		return space.private ? `${hubRoot}open?to=${encodeURIComponent(own.href)}` : own.href;
	}, [space.host, space.private]);
	useEffect(() => {
		frame.current?.contentWindow?.postMessage({ [THEME_MESSAGE]: shownTheme() }, "*"); // the frame has moved to the Space's own host
	}, [theme.value]);
	return <iframe ref={frame} class="app" src={address} title={`The app of ${space.id}`} allow="camera; microphone; clipboard-write; fullscreen" />;
}
