/** What a Space does now, in a word. */

import { Badge, type Tone } from "../../parts/badge";

const STAGES: Record<string, [text: string, tone: Tone]> = {
	RUNNING: ["Running", "good"],
	RUNNING_BUILDING: ["Running, builds", "good"],
	RUNNING_APP_STARTING: ["Running, updates", "good"],
	BUILDING: ["Building", "busy"],
	APP_STARTING: ["Starting", "busy"],
	SLEEPING: ["Sleeping", "neutral"],
	STOPPED: ["Stopped", "neutral"],
	NO_APP_FILE: ["No app yet", "neutral"],
	PAUSED: ["Paused", "warn"],
	BUILD_ERROR: ["Build failed", "bad"],
	CONFIG_ERROR: ["Not valid", "bad"],
	RUNTIME_ERROR: ["Failed", "bad"],
};

export function StageBadge({ stage }: { stage: string }) {
	const [text, tone] = STAGES[stage] ?? [stage.toLowerCase().replaceAll("_", " "), "neutral"];
	return (
		<Badge tone={tone} state={stage}>
			{text}
		</Badge>
	);
}
