/** The app in a frame, or what it does instead and what helps. */

import { CirclePause, FileQuestion, type IconNode, LockKeyhole, RotateCcw, ScrollText, TriangleAlert } from "lucide";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Banner } from "../../../parts/banner";
import { Button } from "../../../parts/button";
import { Icon } from "../../../parts/icon";
import { addressOfSpace } from "../../../services/hub/router";
import { restartSpace, type SpaceSummary } from "../../../services/hub/spaces";
import { showFailure } from "../../../services/hub/toasts";
import { THEME_MESSAGE } from "../../../services/frame_messages";
import { hubRoot } from "../../../services/hub/http";
import { hasSession } from "../../../services/hub/viewer";
import { shownTheme, theme } from "../../../services/theme";
import { HowToDeploy } from "../directory/deploy";
import { LogTail } from "./logtail";

interface Broken {
	icon: IconNode;
	title: string;
	text: string;
	/** Which log says more. */
	log?: "run" | "build";
}

/** Stages in which a request gets no app, and what helps. */
const BROKEN: Record<string, Broken> = {
	BUILD_ERROR: { icon: TriangleAlert, title: "The build failed", text: "The log says why; the next commit builds it again.", log: "build" },
	CONFIG_ERROR: { icon: TriangleAlert, title: "The app does not run", text: "Correct what is said above, and commit." },
	RUNTIME_ERROR: {
		icon: TriangleAlert,
		title: "The app does not run",
		text: "It stopped with an error. The log says why; the next commit or a restart starts it again.",
		log: "run",
	},
	NO_APP_FILE: { icon: FileQuestion, title: "There is no app yet", text: "The repository has no app file. Its owner can upload one." },
	PAUSED: { icon: CirclePause, title: "The Space is paused", text: "It does not run, and keeps its files. Its owner can restart it." },
};

export function AppTab({ space, changed }: { space: SpaceSummary; changed: () => void }) {
	const { stage, errorMessage, notices } = space.runtime;
	const broken = BROKEN[stage];
	return (
		<>
			{errorMessage && stage !== "PAUSED" && (
				<Banner tone="bad" role="alert">
					<span class="said">{errorMessage}</span>
				</Banner>
			)}
			{notices && (
				<Banner tone="warn">
					<ul class="notices" aria-label="Notices">
						{notices.map((text) => (
							<li key={text}>{text}</li>
						))}
					</ul>
				</Banner>
			)}
			{broken ? <State space={space} broken={broken} changed={changed} /> : <Shown space={space} />}
		</>
	);
}

function State({ space, broken, changed }: { space: SpaceSummary; broken: Broken; changed: () => void }) {
	if (space.runtime.stage === "NO_APP_FILE" && space.canWrite) {
		return (
			<HowToDeploy id={space.id} title="There is no app yet: upload one">
				<a class="button primary" href={addressOfSpace(space.id, "files")}>
					Upload files here
				</a>
			</HowToDeploy>
		);
	}
	const restart = () => restartSpace(space.id).then(changed, showFailure);
	return (
		<section class="state" aria-label="State">
			<Icon of={broken.icon} size={20} />
			<h2>{broken.title}</h2>
			<p>{broken.text}</p>
			<div class="row">
				{space.canWrite && space.runtime.stage !== "NO_APP_FILE" && (
					<Button look="primary" icon={RotateCcw} onClick={restart}>
						Restart
					</Button>
				)}
				{broken.log && (
					<a class="button" href={`${addressOfSpace(space.id, "logs")}?log=${broken.log}`}>
						<Icon of={ScrollText} />
						Show the log
					</a>
				)}
			</div>
			{broken.log && space.canWrite && <LogTail id={space.id} kind={broken.log} />}
		</section>
	);
}

function Shown({ space }: { space: SpaceSummary }) {
	const building = ["BUILDING", "APP_STARTING"].includes(space.runtime.stage);
	if (building && space.canWrite) {
		return (
			<section class="state" aria-label="State">
				<h2>{space.runtime.stage === "BUILDING" ? "The Space is being built" : "The app is starting"}</h2>
				<p role="status">It appears here by itself. The first build installs what its requirements name.</p>
				<LogTail id={space.id} kind={space.runtime.stage === "BUILDING" ? "build" : "run"} />
			</section>
		);
	}
	if (space.private && !hasSession()) {
		return (
			<section class="state" aria-label="State">
				<Icon of={LockKeyhole} size={20} />
				<h2>The app of a private Space is not shown here</h2>
				<p>A frame sends no token: sign in instead. Its API, files and logs are on the other tabs.</p>
				<div class="row">
					<a class="button" href={addressOfSpace(space.id, "api")}>
						Use the API
					</a>
				</div>
			</section>
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
