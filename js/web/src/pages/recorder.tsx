/** Records the calls that are made on the page, and shows them as a script. */

import { CircleDot, Square } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { recorded, recording, startRecording, stopRecording } from "../services/recorder";
import { writeSnippets, type Snippet } from "../services/snippets";
import type { SpaceView } from "../services/space";
import { token } from "../services/token";
import { Button, CopyButton, IconButton } from "../parts/button";
import { CodeBlock } from "../parts/codeblock";
import { Tabs } from "../parts/tabs";
import "./recorder.css";

const SCRIPTS: [string, string][] = [
	["python", "Python"],
	["javascript", "JavaScript"],
	["bash", "bash"],
];

export function Recorder({ space }: { space: SpaceView }) {
	const [scripts, setScripts] = useState<Record<string, Snippet>>();
	const [problem, setProblem] = useState("");
	const [chosen, setChosen] = useState("python");
	const dialog = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		if (scripts || problem) dialog.current?.showModal();
	}, [scripts, problem]);
	const finish = async () => {
		const calls = stopRecording();
		setProblem(calls.length ? "" : "No calls were made while recording.");
		setScripts(undefined);
		if (!calls.length) return;
		try {
			setScripts(await writeSnippets(space, calls, token.value));
		} catch (error) {
			setProblem((error as Error).message);
		}
	};
	const script = scripts?.[chosen];
	const failed = recorded.value.filter((call) => call.failed).length;
	return (
		<>
			{recording.value ? (
				<Button small look="danger" icon={Square} class="recording" onClick={finish}>
					Stop recording ({recorded.value.length})
				</Button>
			) : (
				<IconButton label="Record calls" icon={CircleDot} onClick={startRecording} />
			)}
			<dialog ref={dialog} class="script" aria-label="The recorded calls as a script" onClose={() => setProblem("")}>
				<h2>The recorded calls as a script</h2>
				{problem && <p>{problem}</p>}
				{failed > 0 && (
					<p class="wrong">
						{failed === 1 ? "One call" : `${failed} calls`} failed while recording: the script may stop there.
					</p>
				)}
				{scripts && (
					<>
						<Tabs label="Language of the script" tabs={SCRIPTS} chosen={chosen} choose={setChosen} panel="script" />
						<div id="script" role="tabpanel" aria-labelledby={`script-tab-${chosen}`}>
							<CodeBlock code={script?.shown ?? ""} language={chosen} copy={false} />
						</div>
					</>
				)}
				<div class="row actions">
					{script && <CopyButton text={script.whole} label="Copy code" />}
					<button type="button" onClick={() => dialog.current?.close()}>
						Close
					</button>
				</div>
			</dialog>
		</>
	);
}
