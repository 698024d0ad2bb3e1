/** Takes files and whole folders, dropped or chosen, and lists them with their paths. */

import { FolderUp, Upload, X } from "lucide";
import { useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../../parts/button";
import { showFailure } from "../../services/hub/toasts";
import { chosenFiles, droppedFiles, mergeFiles, type NamedFile } from "../../services/hub/upload";
import { sizeText } from "../../views/file";
import "../../views/dropzone.css";
import "./entries.css";

const LISTED_MAX = 100;

/** What the button says while a commit is on its way. */
export function progressText(sent: number): string {
	return sent > 0 && sent < 1 ? `Uploading ${Math.floor(sent * 100)} %` : "Committing…";
}

export function FileDrop({ files, change }: { files: NamedFile[]; change: (files: NamedFile[]) => void }) {
	const single = useRef<HTMLInputElement>(null);
	const folder = useRef<HTMLInputElement>(null);
	const [over, setOver] = useState(false);
	const take = async (list: () => NamedFile[] | Promise<NamedFile[]>) => {
		try {
			change(mergeFiles(files, await list()));
		} catch (error) {
			showFailure(error);
		}
	};
	const onChange = (input: HTMLInputElement) => {
		const { files: list } = input;
		if (list?.length) void take(() => chosenFiles(list)).then(() => {
			input.value = "";
		});
	};
	return (
		<>
			<div
				class={`drop files ${over ? "over" : ""}`}
				role="group"
				aria-label="Files"
				onDragOver={(event) => {
					event.preventDefault();
					setOver(true);
				}}
				onDragLeave={() => setOver(false)}
				onDrop={(event) => {
					event.preventDefault();
					setOver(false);
					const { dataTransfer } = event;
					if (dataTransfer) void take(() => droppedFiles(dataTransfer));
				}}
			>
				<p>Drop files or a folder here</p>
				<div class="row">
					<Button small icon={Upload} onClick={() => single.current?.click()}>
						Choose files
					</Button>
					<Button small icon={FolderUp} onClick={() => folder.current?.click()}>
						Choose a folder
					</Button>
				</div>
				<input ref={single} type="file" multiple hidden aria-label="Files" onChange={(event) => onChange(event.currentTarget)} />
				<input ref={folder} type="file" hidden aria-label="Folder" {...{ webkitdirectory: true }} onChange={(event) => onChange(event.currentTarget)} />
			</div>
			{files.length > 0 && (
				<ul class="entries" aria-label="Files to upload">
					{files.slice(0, LISTED_MAX).map(({ path, content }) => (
						<li key={path}>
							<div>{path}</div>
							<small>{sizeText(content.size)}</small>
							<IconButton label={`Leave out ${path}`} icon={X} onClick={() => change(files.filter((one) => one.path !== path))} />
						</li>
					))}
					{files.length > LISTED_MAX && <li>… {files.length - LISTED_MAX} more</li>}
				</ul>
			)}
		</>
	);
}
