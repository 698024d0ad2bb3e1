/** Reads Markdown of anybody in bounded time: what takes too long, or nests too deeply, is shown as it was written. */

import { escapeHtml, parseMarkdown } from "./marked";

/** Characters that take some hundredths of a second at worst: longer texts are read in a worker. */
const SHORT_MAX = 5000;
const TIMEOUT_MS = 3000;

let idle: Worker | undefined;

/** Rejects where the text cannot be read in time; undefined where the browser gives this page no worker. */
function readBeside(markdown: string): Promise<string> | undefined {
	let worker: Worker;
	try {
		worker = idle ?? new Worker(new URL("./marked.worker.ts", import.meta.url), { type: "module" });
	} catch {
		return undefined; // the page of a sandbox may have none
	}
	idle = undefined;
	return new Promise((resolve, reject) => {
		const fail = () => {
			worker.terminate();
			reject(new Error("The Markdown cannot be read."));
		};
		const timer = setTimeout(fail, TIMEOUT_MS);
		worker.onerror = () => {
			clearTimeout(timer);
			fail();
		};
		worker.onmessage = ({ data }: MessageEvent<string>) => {
			clearTimeout(timer);
			idle?.terminate();
			idle = worker;
			resolve(data);
		};
		worker.postMessage(markdown);
	});
}

export async function renderMarkdown(markdown: string): Promise<string> {
	try {
		return await ((markdown.length > SHORT_MAX && readBeside(markdown)) || parseMarkdown(markdown));
	} catch {
		return `<pre>${escapeHtml(markdown)}</pre>`;
	}
}
