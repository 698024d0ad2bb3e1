/** The settings of a Space, for who may change it. */

import { CirclePause, LockKeyhole, RotateCcw, Trash2 } from "lucide";
import { useId, useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Dialog } from "../../../parts/dialog";
import { Empty } from "../../../parts/empty";
import { Field } from "../../../parts/field";
import { Select } from "../../../parts/select";
import { addressOfOwner, navigate } from "../../../services/hub/router";
import { deleteSpace, pauseSpace, restartSpace, setSleepTime, type SpaceSummary } from "../../../services/hub/spaces";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { durationText } from "../../../views/time";
import { StageBadge } from "../stage";
import { VisibilityCard } from "./access";
import { MoveCard } from "./move";
import { VariablesCard } from "./variables";
import "../entries.css";

const SLEEP_TIMES = [300, 900, 3600, 21_600, 86_400, 604_800, -1];

const sleepText = (seconds: number) => (seconds < 0 ? "Never" : `After ${durationText(seconds)} without a request`);

/** Waits for a change that the visitor wanted, and says how it went. */
export type Act = (what: Promise<unknown>, text: string) => void;

interface Props {
	space: SpaceSummary;
	changed: () => void;
}

export function SettingsTab({ space, changed }: Props) {
	if (!space.canWrite) {
		return <Empty icon={LockKeyhole} title="Only those who may change the Space see its settings" text="Sign in as one of them, or use a token, at the top right." />;
	}
	const act: Act = (what, text) =>
		void what.then(() => {
			showToast(text, space.id);
			changed();
		}, showFailure);
	return (
		<div class="settings">
			{space.sdk !== "static" && <Running space={space} act={act} />}
			<VisibilityCard space={space} act={act} />
			{space.sdk !== "static" && (
				<>
					<VariablesCard id={space.id} kind="variables" />
					<VariablesCard id={space.id} kind="secrets" />
				</>
			)}
			<MoveCard space={space} />
			<Removal space={space} />
		</div>
	);
}

function Running({ space, act }: { space: SpaceSummary; act: Act }) {
	const id = useId();
	const { stage, gcTimeout = 3600 } = space.runtime;
	const times = SLEEP_TIMES.includes(gcTimeout) ? SLEEP_TIMES : [gcTimeout, ...SLEEP_TIMES];
	return (
		<Card title="Running" actions={<StageBadge stage={stage} />}>
			<div class="row">
				<Button icon={RotateCcw} onClick={() => act(restartSpace(space.id), "It restarts")}>
					Restart
				</Button>
				<Button icon={CirclePause} disabled={stage === "PAUSED"} onClick={() => act(pauseSpace(space.id), "It is paused")}>
					Pause
				</Button>
			</div>
			<Field id={id} label="Sleeps" info="A request wakes it. What a call does keeps it awake.">
				<Select
					id={id}
					options={times.map((seconds) => [String(seconds), sleepText(seconds)] as const)}
					value={String(gcTimeout)}
					change={(value) => act(setSleepTime(space.id, Number(value)), "The time is set")}
				/>
			</Field>
		</Card>
	);
}

function Removal({ space }: { space: SpaceSummary }) {
	const id = useId();
	const [open, setOpen] = useState(false);
	const [typed, setTyped] = useState("");
	const remove = (event: Event) => {
		event.preventDefault();
		if (typed !== space.id) return;
		deleteSpace(space.id).then(() => {
			showToast("It was deleted", space.id);
			navigate(addressOfOwner(space.author));
		}, showFailure);
	};
	return (
		<Card title="Delete this Space">
			<p>Its files, their history, its variables, jobs and results go for good.</p>
			<div>
				<Button look="danger" icon={Trash2} onClick={() => setOpen(true)}>
					Delete
				</Button>
			</div>
			<Dialog
				title={`Delete ${space.id}`}
				open={open}
				close={() => setOpen(false)}
				footer={
					<>
						<Button onClick={() => setOpen(false)}>Keep it</Button>
						<Button look="danger" disabled={typed !== space.id} onClick={remove}>
							Delete for good
						</Button>
					</>
				}
			>
				<form onSubmit={remove}>
					<Field id={id} label={`Type ${space.id} to delete it`}>
						<input id={id} autofocus autocomplete="off" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
					</Field>
				</form>
			</Dialog>
		</Card>
	);
}
