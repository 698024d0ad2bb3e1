/** Changes files of a repository in the browser: edits one, makes one, uploads several. Each is a commit. */

import { useId, useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Field } from "../../../parts/field";
import { commit, type FileChange } from "../../../services/hub/commits";
import { addressOfFile, navigate } from "../../../services/hub/router";
import type { SpaceSummary } from "../../../services/hub/spaces";
import { showToast } from "../../../services/hub/toasts";
import type { NamedFile } from "../../../services/hub/upload";
import { CodeEditor } from "../codeeditor";
import { FileDrop, progressText } from "../filedrop";

interface Props {
	space: SpaceSummary;
	/** The directory, or the file, that is changed. */
	path: string;
	/** The Space has a new commit. */
	changed: () => void;
	/** The form is done with. */
	close: () => void;
}

/** Commits, and says so; what is wrong is returned. */
async function send(
	{ space, changed, close }: Props,
	summary: string,
	changes: FileChange[],
	parent: string | null | undefined,
	progress: (share: number) => void,
): Promise<string | undefined> {
	try {
		await commit(space.id, summary, changes, parent, progress);
	} catch (error) {
		return (error as Error).message;
	}
	showToast("Committed", space.sdk === "static" ? summary : "It is being built: the tab App shows it.");
	close();
	changed();
	return undefined;
}

interface FootProps {
	summary: string;
	problem: string | undefined;
	/** The commit is on its way. */
	busy: boolean;
	/** The share of it that was sent. */
	sent: number;
	/** Whether there is something to commit. */
	ready?: boolean;
	close: () => void;
	change: (summary: string) => void;
	button: string;
}

/** The summary and the buttons below what is changed. */
function Foot({ summary, problem, busy, sent, ready = true, close, change, button }: FootProps) {
	const id = useId();
	return (
		<div class="add commit">
			<Field id={id} label="What has changed" problem={problem}>
				<input id={id} autocomplete="off" value={summary} aria-describedby={`${id}-problem`} onInput={(event) => change(event.currentTarget.value)} />
			</Field>
			<Button onClick={close}>Cancel</Button>
			<Button type="submit" look="primary" disabled={busy || !ready}>
				{busy ? progressText(sent) : button}
			</Button>
		</div>
	);
}

function useCommit(props: Props, standard: string) {
	const [summary, setSummary] = useState("");
	const [problem, setProblem] = useState<string>();
	const [busy, setBusy] = useState(false);
	const [sent, setSent] = useState(0);
	const run = async (changes: FileChange[], parent?: string | null): Promise<boolean> => {
		setBusy(true);
		setSent(0);
		const found = await send(props, summary.trim() || standard, changes, parent, setSent);
		setBusy(false);
		setProblem(found);
		return found === undefined;
	};
	return { run, foot: { summary: summary || standard, problem, busy, sent, close: props.close, change: setSummary } };
}

export function EditFile(props: Props & { text: string }) {
	const [text, setText] = useState(props.text);
	const { run, foot } = useCommit(props, `Update ${props.path}`);
	const [base] = useState(props.space.sha); // what one sees is what one changes: a commit of others in between is a conflict
	const submit = (event: Event) => {
		event.preventDefault();
		void run([{ path: props.path, content: new Blob([text]) }], base);
	};
	return (
		<form class="fields" onSubmit={submit}>
			<CodeEditor path={props.path} text={text} change={setText} />
			<Foot {...foot} button="Commit" />
		</form>
	);
}

export function RemoveFile(props: Props) {
	const { run, foot } = useCommit(props, `Delete ${props.path}`);
	const submit = async (event: Event) => {
		event.preventDefault();
		const parent = props.path.split("/").slice(0, -1).join("/");
		if (await run([{ path: props.path }])) navigate(addressOfFile(props.space.id, "tree", "main", parent));
	};
	return (
		<Card title={`Delete ${props.path}`}>
			<form onSubmit={submit}>
				<Foot {...foot} button="Commit the deletion" />
			</form>
		</Card>
	);
}

export function NewFile(props: Props) {
	const id = useId();
	const [name, setName] = useState(props.path && `${props.path}/`);
	const [text, setText] = useState("");
	const path = name.trim();
	const { run, foot } = useCommit(props, `Add ${path || "a file"}`);
	const submit = async (event: Event) => {
		event.preventDefault();
		if (path && (await run([{ path, content: new Blob([text]) }]))) navigate(addressOfFile(props.space.id, "blob", "main", path));
	};
	return (
		<Card title="New file">
			<form class="fields" onSubmit={submit}>
				<Field id={id} label="Path">
					<input id={id} autofocus autocomplete="off" spellcheck={false} placeholder="requirements.txt" value={name} onInput={(event) => setName(event.currentTarget.value)} />
				</Field>
				<CodeEditor path={path} text={text} change={setText} label="Text of the new file" />
				<Foot {...foot} ready={path !== ""} button="Commit" />
			</form>
		</Card>
	);
}

export function UploadFiles(props: Props) {
	const [files, setFiles] = useState<NamedFile[]>([]);
	const { run, foot } = useCommit(props, files.length === 1 ? `Upload ${files[0]?.path}` : "Upload files");
	const submit = (event: Event) => {
		event.preventDefault();
		void run(files.map(({ path, content }) => ({ path: props.path ? `${props.path}/${path}` : path, content })));
	};
	return (
		<Card title={props.path ? `Upload into ${props.path}` : "Upload files"}>
			<form class="fields" onSubmit={submit}>
				<FileDrop files={files} change={setFiles} />
				<Foot {...foot} ready={files.length > 0} button="Commit" />
			</form>
		</Card>
	);
}
