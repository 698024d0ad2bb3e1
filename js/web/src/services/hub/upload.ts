/** Files and folders that the visitor chose or dropped, with their paths in the repository. */

export interface NamedFile {
	path: string;
	content: Blob;
}

const FILES_MAX = 2000;
export const BYTES_MAX = 200 * 2 ** 20;
/** What is on a developer's disk and does not belong into a repository. */
const LEFT_OUT = /(^|\/)(\.git|\.venv|venv|__pycache__|node_modules|\.DS_Store)(\/|$)/;

/** Rejects above the number and size of files that a commit from a browser has. */
function bounded(files: NamedFile[]): NamedFile[] {
	const kept = files.filter(({ path }) => !LEFT_OUT.test(path));
	const size = kept.reduce((sum, { content }) => sum + content.size, 0);
	if (kept.length > FILES_MAX || size > BYTES_MAX) {
		throw new Error(`A commit from a browser has at most ${FILES_MAX} files and ${BYTES_MAX >> 20} MiB. Use hf upload for more.`);
	}
	return withoutCommonFolder(kept);
}

/** What lies in one dropped folder is meant, not the folder. */
function withoutCommonFolder(files: NamedFile[]): NamedFile[] {
	const folder = files[0]?.path.split("/")[0];
	if (!files.every(({ path }) => path.startsWith(`${folder}/`))) return files;
	return files.map(({ path, content }) => ({ path: path.slice((folder?.length ?? 0) + 1), content }));
}

export function chosenFiles(list: FileList): NamedFile[] {
	return bounded([...list].map((file) => ({ path: file.webkitRelativePath || file.name, content: file })));
}

export async function droppedFiles(transfer: DataTransfer): Promise<NamedFile[]> {
	const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null); // in the event itself: later it is empty
	if (!entries.length) return chosenFiles(transfer.files);
	const found: NamedFile[] = [];
	for (const entry of entries) await collect(entry, "", found);
	return bounded(found);
}

async function collect(entry: FileSystemEntry, below: string, found: NamedFile[]): Promise<void> {
	const path = below + entry.name;
	if (LEFT_OUT.test(path) || found.length > FILES_MAX) return;
	if (entry.isFile) {
		const content = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
		found.push({ path, content });
		return;
	}
	const reader = (entry as FileSystemDirectoryEntry).createReader();
	for (;;) {
		const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
		if (!batch.length) return;
		for (const one of batch) await collect(one, `${path}/`, found);
	}
}

/** Those of `added` take the place of present ones with the same path. */
export function mergeFiles(present: NamedFile[], added: NamedFile[]): NamedFile[] {
	const paths = new Set(added.map(({ path }) => path));
	return [...present.filter(({ path }) => !paths.has(path)), ...added].sort((a, b) => a.path.localeCompare(b.path));
}
