/** One commit: its message, and what it has changed, file by file. */

import { useMemo } from "preact/hooks";
import { Banner } from "../../../parts/banner";
import { Empty } from "../../../parts/empty";
import { Skeleton } from "../../../parts/skeleton";
import { getCommit } from "../../../services/hub/repository";
import { addressOfFile, addressOfOwner } from "../../../services/hub/router";
import type { SpaceSummary } from "../../../services/hub/spaces";
import { Problem, useLoaded } from "../../../views/loaded";
import { agoText, dateText } from "../../../views/time";
import { type FileDiff, filesOf, type LineKind } from "./diff";

const LINES_SHOWN = 5000;
const SIGNS: Record<LineKind, string> = { added: "+", removed: "-", same: " ", hunk: "", note: "" };

export function CommitView({ space, revision }: { space: SpaceSummary; revision: string }) {
	const [found, problem] = useLoaded(() => getCommit(space.id, revision), `${space.id} ${revision}`);
	const files = useMemo(() => (found ? filesOf(found.diff, LINES_SHOWN) : []), [found]);
	if (problem) return <Problem title="This commit cannot be shown" text={problem} />;
	if (!found) return <Skeleton lines={10} />;
	const user = found.authors[0]?.user ?? "";
	return (
		<>
			<section class="sheet commit-head" aria-label="Commit">
				<strong dir="auto">{found.title}</strong>
				{found.message && (
					<p class="said" dir="auto">
						{found.message}
					</p>
				)}
				<small>
					<a href={addressOfOwner(user)}>{user}</a> <time data-tip={dateText(Date.parse(found.date))}>{agoText(Date.parse(found.date))}</time> ·{" "}
					<a href={addressOfFile(space.id, "tree", found.id)}>all files at this commit</a>
				</small>
			</section>
			{files.length === 0 && <Empty title="It changes no file" />}
			{files.map((file) => (
				<FileChanges key={file.path} file={file} address={addressOfFile(space.id, "blob", found.id, file.path)} />
			))}
			{found.truncated && <Banner tone="note">The rest of what this commit has changed is too long to be shown here.</Banner>}
		</>
	);
}

function FileChanges({ file, address }: { file: FileDiff; address: string }) {
	const count = (kind: LineKind) => file.lines.filter((line) => line.kind === kind).length;
	return (
		<section class="sheet file-view" aria-label={file.path}>
			<header>
				{file.removed ? <code>{file.path}</code> : <a href={address}>{file.from === undefined ? file.path : `${file.from} → ${file.path}`}</a>}
				<span class="gap" />
				<small>
					{count("added")} added, {count("removed")} removed
				</small>
			</header>
			<pre class="diff" tabIndex={0}>
				{file.lines.map((line, index) => (
					<span key={index} class={line.kind}>
						<span class="at" aria-hidden="true">
							{line.before ?? ""}
						</span>
						<span class="at" aria-hidden="true">
							{line.after ?? ""}
						</span>
						{SIGNS[line.kind]}
						{line.text}
						{"\n"}
					</span>
				))}
			</pre>
		</section>
	);
}
