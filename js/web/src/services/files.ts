/** Files as they travel, and where the app that the page shows serves them. */

/** A file on the server. */
export interface FileData {
	path: string;
	url?: string | null;
	orig_name?: string | null;
	size?: number | null;
	mime_type?: string | null;
	is_stream?: boolean;
	meta: { _type: "gradio.FileData" };
}

/** A file that was chosen in this browser and is not uploaded yet, or one on the server. */
export type AnyFile = File | FileData;

const FILE_ROUTE = "/file=";
let apiRoot = "";

/** Called once the app is open: the address of its API, with a slash at its end. */
export function setApiRoot(address: string): void {
	apiRoot = address;
}

export function isFileData(value: unknown): value is FileData {
	return typeof value === "object" && value !== null && typeof (value as FileData).path === "string";
}

export function isFile(value: unknown): value is AnyFile {
	return value instanceof File || isFileData(value);
}

/** Whether a value is a file or has one in it. */
export function holdsFile(value: unknown): boolean {
	if (value instanceof Blob || isFileData(value)) return true;
	return typeof value === "object" && value !== null && Object.values(value).some(holdsFile);
}

/** The file's address. A path on the app is reached the way this page was reached, whatever address the server named. */
export function fileUrl(file: FileData): string {
	const start = (file.url ?? "").indexOf(FILE_ROUTE);
	if (start >= 0) return `${apiRoot}file=${(file.url as string).slice(start + FILE_ROUTE.length)}`;
	if (file.url && /^(https?:|data:|blob:)/.test(file.url)) return file.url;
	return `${apiRoot}file=${file.path}`;
}

/** The content at an address. Rejects when the server does not have it. */
export async function fetchBytes(address: string): Promise<ArrayBuffer> {
	const answer = await fetch(address);
	if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
	return answer.arrayBuffer();
}

/** The content at an address; undefined where it has more bytes than `most`, or the server does not have it. */
export async function fetchUpTo(address: string, most: number): Promise<ArrayBuffer | undefined> {
	const answer = await fetch(address);
	if (!answer.ok || Number(answer.headers.get("content-length") ?? 0) > most) {
		void answer.body?.cancel();
		return undefined;
	}
	const bytes = await answer.arrayBuffer();
	return bytes.byteLength > most ? undefined : bytes;
}

/** The content of a file, wherever it is. */
export async function readFile(file: AnyFile): Promise<Blob> {
	return file instanceof File ? file : new Blob([await fetchBytes(fileUrl(file))]);
}

/** Whether the server has something at this address. */
export async function exists(address: string | URL): Promise<boolean> {
	return (await fetch(address)).ok;
}
