/** Makes a Space: its name, what it begins with, and then its first build is watched on its page. */

import { AppWindow, FileCode, Globe, type IconNode, LogIn, MessageSquare, Package, Plus, Upload } from "lucide";
import { useEffect, useId, useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Empty } from "../../../parts/empty";
import { Field } from "../../../parts/field";
import { Icon } from "../../../parts/icon";
import { Segmented } from "../../../parts/segmented";
import { Select } from "../../../parts/select";
import { Skeleton } from "../../../parts/skeleton";
import { Tabs } from "../../../parts/tabs";
import { commit } from "../../../services/hub/commits";
import { hubRoot } from "../../../services/hub/http";
import { addressOfSpace, navigate } from "../../../services/hub/router";
import { createSpace } from "../../../services/hub/spaces";
import type { NamedFile } from "../../../services/hub/upload";
import { viewer } from "../../../services/hub/viewer";
import { CodeEditor } from "../codeeditor";
import { FileDrop, progressText } from "../filedrop";
import { readmeFor, TEMPLATES, type Template } from "./templates";
import "./style.css";

const VISIBILITIES = [
	["public", "Public"],
	["private", "Private"],
] as const;
const ICONS: Record<string, IconNode> = { Function: FileCode, Chat: MessageSquare, "Gradio app": AppWindow, "Static page": Globe };
const UPLOAD = "Your files";
const EMPTY = "Empty";
const FIRST = TEMPLATES[0] as Template;

export function NewSpacePage() {
	useEffect(() => {
		document.title = "New Space";
	}, []);
	const known = viewer.value;
	return (
		<>
			<div class="head">
				<h1>New Space</h1>
			</div>
			{known === undefined && <Skeleton lines={8} />}
			{known?.writes && <NewSpace owners={[known.name, ...known.organizations.filter((one) => one.role !== "read").map((one) => one.name)]} />}
			{known !== undefined && !known?.writes && (
				<Empty icon={LogIn} title="Sign in to make a Space" text="Or use a token with the role write, at the top right.">
					<a class="button primary" href={`${hubRoot}login?next=/new`}>
						Sign in
					</a>
				</Empty>
			)}
		</>
	);
}

/** The files that it begins with. The visitor's own get a README where they have none: it says what they are. */
function filesOf(start: string, title: string, texts: Record<string, string>, uploaded: NamedFile[]): NamedFile[] {
	if (start === EMPTY) return [];
	const named = Object.entries(texts).map(([path, text]) => ({ path, content: new Blob([text]) }));
	if (start !== UPLOAD || !uploaded.length || uploaded.some(({ path }) => path === "README.md")) return start === UPLOAD ? uploaded : named;
	const lines = isStatic(uploaded) ? ["sdk: static"] : ["sdk: gradio"];
	return [...uploaded, { path: "README.md", content: new Blob([readmeFor(title, lines)]) }];
}

const isStatic = (files: NamedFile[]) => files.some(({ path }) => path === "index.html") && !files.some(({ path }) => path === "app.py");

function NewSpace({ owners }: { owners: string[] }) {
	const id = useId();
	const [owner, setOwner] = useState(owners[0] ?? "");
	const [name, setName] = useState("");
	const [visibility, setVisibility] = useState<"public" | "private">("public");
	const [start, setStart] = useState(FIRST.name);
	const [edited, setEdited] = useState<Record<string, string>>({});
	const [uploaded, setUploaded] = useState<NamedFile[]>([]);
	const [problem, setProblem] = useState<string>();
	const [made, setMade] = useState("");
	const [busy, setBusy] = useState(false);
	const [sent, setSent] = useState(0);
	const title = name.trim() || "My Space";
	const template = TEMPLATES.find((one) => one.name === start);
	const texts = template ? { ...template.files(title), ...edited } : {};
	const choose = (to: string) => {
		setStart(to);
		setEdited({});
	};
	const make = async (event: Event) => {
		event.preventDefault();
		const full = `${owner}/${name.trim()}`;
		const files = filesOf(start, title, texts, uploaded);
		setBusy(true);
		setProblem(undefined);
		try {
			const sdk = template?.sdk ?? (isStatic(files) ? "static" : "gradio");
			if (made !== full) await createSpace(owner, name.trim(), sdk, visibility === "private");
			setMade(full); // where the commit is refused, the next attempt goes on with the Space that is there
			if (files.length) await commit(full, "First version", files, undefined, setSent);
			navigate(addressOfSpace(full));
		} catch (error) {
			setProblem((error as Error).message);
			setBusy(false);
		}
	};
	return (
		<form class="new-space" onSubmit={make}>
			<Card label="Whose it is">
				<div class="named">
					<Field id={`${id}-owner`} label="Owner">
						<Select id={`${id}-owner`} options={owners.map((one) => [one, one] as const)} value={owner} change={setOwner} />
					</Field>
					<Field id={id} label="Name" problem={problem}>
						<input
							id={id}
							autofocus
							autocomplete="off"
							spellcheck={false}
							placeholder="my-space"
							value={name}
							aria-describedby={`${id}-problem`}
							onInput={(event) => setName(event.currentTarget.value)}
						/>
					</Field>
				</div>
				<Field label="Who sees it" group>
					<Segmented label="Who sees it" options={VISIBILITIES} value={visibility} change={setVisibility} />
				</Field>
			</Card>
			<fieldset class="starts">
				<legend>It begins with</legend>
				{TEMPLATES.map((one) => (
					<Start key={one.name} name={one.name} text={one.text} icon={ICONS[one.name] ?? FileCode} chosen={start} choose={choose} />
				))}
				<Start name={UPLOAD} text="Drop an app with all that belongs to it" icon={Upload} chosen={start} choose={choose} />
				<Start name={EMPTY} text="Push files later, with hf or spaceport" icon={Package} chosen={start} choose={choose} />
			</fieldset>
			{template && <Texts texts={texts} change={(path, text) => setEdited({ ...edited, [path]: text })} />}
			{start === UPLOAD && (
				<Card title="Files">
					<FileDrop files={uploaded} change={setUploaded} />
				</Card>
			)}
			<div class="row">
				<Button type="submit" look="primary" icon={Plus} disabled={busy || !name.trim() || (start === UPLOAD && !uploaded.length)}>
					{busy ? (sent > 0 ? progressText(sent) : "Creating…") : "Create"}
				</Button>
			</div>
		</form>
	);
}

interface StartProps {
	name: string;
	text: string;
	icon: IconNode;
	chosen: string;
	choose: (name: string) => void;
}

function Start({ name, text, icon, chosen, choose }: StartProps) {
	return (
		<label class="start">
			<input type="radio" name="start" checked={name === chosen} onChange={() => choose(name)} />
			<Icon of={icon} size={20} />
			<span>
				<strong>{name}</strong>
				<small>{text}</small>
			</span>
		</label>
	);
}

function Texts({ texts, change }: { texts: Record<string, string>; change: (path: string, text: string) => void }) {
	const id = useId();
	const paths = Object.keys(texts);
	const [wanted, setShown] = useState(paths[0] ?? "");
	const shown = paths.includes(wanted) ? wanted : (paths[0] ?? "");
	return (
		<Card label="Files">
			<Tabs label="Files" tabs={paths.map((path) => [path, path] as const)} chosen={shown} choose={setShown} panel={id} />
			<div id={id} role="tabpanel" aria-labelledby={`${id}-tab-${shown}`}>
				<CodeEditor key={shown} path={shown} text={texts[shown] ?? ""} change={(text) => change(shown, text)} />
			</div>
		</Card>
	);
}
