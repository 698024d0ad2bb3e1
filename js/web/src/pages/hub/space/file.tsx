/** One file: text with colours and numbers of its lines, a picture, or a download. */

import { Download, FileCode, FileQuestion, Pencil, Trash2 } from "lucide";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Button, CopyButton, IconButton } from "../../../parts/button";
import { CodeBlock } from "../../../parts/codeblock";
import { Empty } from "../../../parts/empty";
import { Icon } from "../../../parts/icon";
import { Skeleton } from "../../../parts/skeleton";
import { getFile, saveAs } from "../../../services/hub/repository";
import { addressOfFile } from "../../../services/hub/router";
import type { SpaceSummary } from "../../../services/hub/spaces";
import { sizeText } from "../../../views/file";
import { lazy } from "../../../views/lazy";
import { Problem, useLoaded } from "../../../views/loaded";
import type { SpaceViewOf } from ".";

const EditFile = lazy(async () => (await import("./edit")).EditFile, <Skeleton lines={12} />);
const RemoveFile = lazy(async () => (await import("./edit")).RemoveFile, <Skeleton lines={4} />);
const SHOWN_MAX = 200_000;
const PICTURES: Record<string, string> = { png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp", avif: "image/avif" };

interface Loaded {
	data: Blob;
	/** undefined for a file that is no text. */
	text: string | undefined;
}

async function load(id: string, revision: string, path: string): Promise<Loaded> {
	const data = await getFile(id, path, revision);
	const text = await data.slice(0, SHOWN_MAX).text();
	return { data, text: text.includes("\0") ? undefined : text };
}

interface Props {
	space: SpaceSummary;
	view: SpaceViewOf;
	changed: () => void;
	/** Whether the visitor may commit. */
	edits: boolean;
}

export function FileView({ space, view, changed, edits }: Props) {
	const { id, revision, path } = view;
	const [doing, setDoing] = useState<"edit" | "remove">();
	useEffect(() => setDoing(undefined), [path, revision]);
	const [file, problem] = useLoaded(() => load(id, revision, path), `${id} ${revision} ${path} ${space.sha}`);
	const name = path.split("/").pop() ?? "file";
	if (problem) return <Problem title="This file cannot be shown" text={problem} />;
	if (!file) return <Skeleton lines={12} />;
	const { data, text } = file;
	const form = { space, path, changed, close: () => setDoing(undefined) };
	if (doing === "edit" && text !== undefined) return <EditFile {...form} text={text} />;
	if (doing === "remove") return <RemoveFile {...form} />;
	const lines = text?.replace(/\n$/, "").split("\n").length;
	return (
		<section class="sheet file-view" aria-label={path}>
			<header>
				<small>
					{lines !== undefined && `${lines} ${lines === 1 ? "line" : "lines"} · `}
					{sizeText(data.size)}
				</small>
				<span class="gap" />
				{edits && text !== undefined && data.size <= SHOWN_MAX && (
					<Button small icon={Pencil} onClick={() => setDoing("edit")} aria-label={`Edit ${name}`}>
						Edit
					</Button>
				)}
				{text !== undefined && <CopyButton text={text} />}
				{text !== undefined && !space.private && (
					<a class="button small" href={addressOfFile(id, "raw", revision, path)} target="_blank" rel="noopener">
						<Icon of={FileCode} />
						Raw
					</a>
				)}
				<Button small icon={Download} onClick={() => saveAs(data, name)} aria-label={`Download ${name}`}>
					Download
				</Button>
				{edits && <IconButton label={`Delete ${name}`} icon={Trash2} onClick={() => setDoing("remove")} />}
			</header>
			<Content data={data} text={text} name={name} />
		</section>
	);
}

function Content({ data, text, name }: Loaded & { name: string }) {
	const ending = name.split(".").pop()?.toLowerCase() ?? "";
	const kind = PICTURES[ending];
	const address = useMemo(() => (kind ? URL.createObjectURL(new Blob([data], { type: kind })) : undefined), [data, kind]);
	useEffect(() => () => (address === undefined ? undefined : URL.revokeObjectURL(address)), [address]);
	if (address) return <img class="picture" src={address} alt={name} />;
	if (text === undefined) return <Empty icon={FileQuestion} title="Binary file: download it to view." />;
	const rest = data.size - SHOWN_MAX;
	return (
		<>
			<div class="source">
				<pre class="numbers" aria-hidden="true">
					{Array.from({ length: text.replace(/\n$/, "").split("\n").length }, (_, index) => index + 1).join("\n")}
				</pre>
				<CodeBlock code={text} language={ending} copy={false} />
			</div>
			{rest > 0 && <p class="empty">… {sizeText(rest)} more: download the file to see all of it.</p>}
		</>
	);
}
