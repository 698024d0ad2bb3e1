/** The repository: its directories, a file, or its commits. */

import { ArrowLeft, FilePlus, FileText, Folder, FolderOpen, History, Upload } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../../../parts/button";
import { Empty } from "../../../parts/empty";
import { Icon } from "../../../parts/icon";
import { Skeleton } from "../../../parts/skeleton";
import { listCommits, listFiles, type RepositoryCommit, type RepositoryEntry } from "../../../services/hub/repository";
import { addressOfFile, addressOfOwner } from "../../../services/hub/router";
import type { SpaceSummary } from "../../../services/hub/spaces";
import { sizeText } from "../../../views/file";
import { Problem, useLoaded } from "../../../views/loaded";
import { lazy } from "../../../views/lazy";
import { agoText, dateText } from "../../../views/time";
import { FileView } from "./file";
import type { SpaceViewOf } from ".";

const SHORT_ID = 7;
const CommitView = lazy(async () => (await import("./commit")).CommitView, <Skeleton lines={10} />);
const NewFile = lazy(async () => (await import("./edit")).NewFile, <Skeleton lines={6} />);
const UploadFiles = lazy(async () => (await import("./edit")).UploadFiles, <Skeleton lines={6} />);

export const shortRevision = (revision: string) => (/^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, SHORT_ID) : revision);

interface Props {
	space: SpaceSummary;
	view: SpaceViewOf;
	changed: () => void;
}

export function FilesTab({ space, view, changed }: Props) {
	const [adding, setAdding] = useState<"file" | "upload">();
	useEffect(() => setAdding(undefined), [view.kind, view.path]);
	const edits = space.canWrite && view.revision === "main";
	const form = { space, path: view.path, changed, close: () => setAdding(undefined) };
	return (
		<>
			<Crumbs view={view} name={space.id.split("/")[1] ?? ""}>
				{edits && view.kind === "tree" && (
					<>
						<Button small icon={FilePlus} onClick={() => setAdding("file")}>
							New file
						</Button>
						<Button small icon={Upload} onClick={() => setAdding("upload")}>
							Upload
						</Button>
					</>
				)}
			</Crumbs>
			{adding === "file" && <NewFile {...form} />}
			{adding === "upload" && <UploadFiles {...form} />}
			{view.kind === "tree" && <Tree space={space} view={view} />}
			{view.kind === "blob" && <FileView space={space} view={view} changed={changed} edits={Boolean(edits)} />}
			{view.kind === "commit" && <CommitView space={space} revision={view.revision} />}
			{view.kind === "commits" && <Commits space={space} view={view} />}
		</>
	);
}

/** The way from the root of the repository to what is shown; each part is a link. */
function Crumbs({ view, name, children }: { view: SpaceViewOf; name: string; children: ComponentChildren }) {
	const { id, kind, path } = view;
	const revision = kind === "commit" ? "main" : view.revision;
	const parts = path ? path.split("/") : [];
	return (
		<div class="crumbs">
			<nav aria-label="Path">
				<a href={addressOfFile(id, "tree", revision)}>{name}</a>
				{parts.map((part, index) => {
					const to = parts.slice(0, index + 1).join("/");
					const last = index === parts.length - 1;
					return (
						<>
							<span aria-hidden="true">/</span>
							{last ? <span aria-current="page">{part}</span> : <a href={addressOfFile(id, "tree", revision, to)}>{part}</a>}
						</>
					);
				})}
			</nav>
			<code class="revision">{shortRevision(view.revision)}</code>
			<span class="gap" />
			{children}
			{kind === "commits" ? (
				<a class="button small" href={addressOfFile(id, "tree", revision)}>
					<Icon of={ArrowLeft} />
					Files
				</a>
			) : (
				<a class="button small" href={addressOfFile(id, "commits", revision)}>
					<Icon of={History} />
					History
				</a>
			)}
		</div>
	);
}

function Tree({ space, view }: { space: SpaceSummary; view: SpaceViewOf }) {
	const { id, revision, path } = view;
	const [entries, problem] = useLoaded(() => listFiles(id, revision, path), `${id} ${revision} ${path} ${space.sha}`);
	if (problem) return <Problem title="These files cannot be shown" text={problem} />;
	if (!entries) return <Skeleton lines={6} height_px={36} />;
	if (!entries.length) return <Empty icon={FolderOpen} title="The repository is empty" text="A commit puts files here." />;
	const rank = (one: RepositoryEntry) => (one.type === "directory" ? 0 : 1);
	const sorted = [...entries].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
	return (
		<div class="sheet">
			<table aria-label="Files">
				<thead>
					<tr>
						<th scope="col">Name</th>
						<th scope="col" class="number">
							Size
						</th>
					</tr>
				</thead>
				<tbody>
					{sorted.map((one) => (
						<tr key={one.path}>
							<td>
								<a class="entry" href={addressOfFile(id, one.type === "directory" ? "tree" : "blob", revision, one.path)}>
									<Icon of={one.type === "directory" ? Folder : FileText} />
									{one.path.split("/").pop()}
								</a>
							</td>
							<td class="number">{one.type === "file" && sizeText(one.size)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function Commits({ space, view }: { space: SpaceSummary; view: SpaceViewOf }) {
	const { id, revision } = view;
	const [commits, problem] = useLoaded<RepositoryCommit[]>(() => listCommits(id, revision), `${id} ${revision} ${space.sha}`);
	if (problem) return <Problem title="The history cannot be shown" text={problem} />;
	if (!commits) return <Skeleton lines={6} height_px={48} />;
	return (
		<ol class="sheet commits" aria-label="Commits">
			{commits.map((one) => (
				<li key={one.id}>
					<div>
						<strong dir="auto">
							<a href={addressOfFile(id, "commit", one.id)}>{one.title}</a>
						</strong>
						<small>
							{one.authors.map(({ user }) => (
								<a key={user} href={addressOfOwner(user)}>
									{user}
								</a>
							))}{" "}
							<time dateTime={one.date} data-tip={dateText(Date.parse(one.date))}>
								{agoText(Date.parse(one.date))}
							</time>
						</small>
					</div>
					<a class="button small" href={addressOfFile(id, "tree", one.id)} aria-label={`Files at ${shortRevision(one.id)}`}>
						<code>{shortRevision(one.id)}</code>
					</a>
				</li>
			))}
		</ol>
	);
}
