/** Clicks as code: start it, use the page, stop it, take the script. */

import { useEffect, useRef, useState } from "preact/hooks";
import { recorded, recording, start, stop } from "../services/recorder";
import { snippets, type Snippet } from "../services/snippets";
import type { SpaceView } from "../services/space";
import { Copy } from "../views/copy";
import { Tabs } from "../views/tabs";
import { token } from "../services/token";

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
		const calls = stop();
		setProblem(calls.length ? "" : "Nothing was called while recording.");
		setScripts(undefined);
		if (!calls.length) return;
		try {
			setScripts(await snippets(space, calls, token.value));
		} catch (error) {
			setProblem((error as Error).message);
		}
	};
	const script = scripts?.[chosen];
	return (
		<>
			{recording.value ? (
				<button type="button" class="small recording" onClick={finish}>
					■ Stop recording ({recorded.value.length})
				</button>
			) : (
				<button type="button" class="small" onClick={start}>
					● Record calls
				</button>
			)}
			<dialog ref={dialog} class="script" aria-label="The recorded calls as a script" onClose={() => setProblem("")}>
				<h2>What you did, as a script</h2>
				{problem && <p>{problem}</p>}
				{scripts && (
					<>
						<Tabs label="Language of the script" tabs={SCRIPTS} chosen={chosen} choose={setChosen} panel="script" />
						<div id="script" role="tabpanel" aria-labelledby={`script-tab-${chosen}`}>
							<pre data-language={chosen} tabIndex={0}>
								<code>{script?.shown}</code>
							</pre>
						</div>
					</>
				)}
				<div class="row actions">
					{script && <Copy text={script.whole} label="Copy code" />}
					<button type="button" onClick={() => dialog.current?.close()}>
						Close
					</button>
				</div>
			</dialog>
		</>
	);
}
