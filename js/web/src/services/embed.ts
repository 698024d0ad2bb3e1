/** HTML that shows a Space in another page: a frame, or the element that `embed.js` defines. */

const FRAME_HEIGHT = 640;

function quote(text: string): string {
	return text.replace(/[&"<>]/g, (one) => `&#${one.charCodeAt(0)};`);
}

/** `root`: the address of the Space, with a slash at its end. */
export function embedCode(root: string, title: string, endpoint: string): { frame: string; element: string } {
	const source = `${root}?endpoint=${encodeURIComponent(endpoint)}&__chrome=0`;
	const frame = `<iframe src="${quote(source)}" title="${quote(title)}" width="100%" height="${FRAME_HEIGHT}" style="border: 0" allow="camera; microphone; clipboard-write; fullscreen"></iframe>`;
	const element =
		`<script type="module" src="${quote(root)}--spaceport/embed.js"></script>\n` +
		`<spaceport-space src="${quote(root)}" endpoint="${quote(endpoint)}"></spaceport-space>`;
	return { frame, element };
}
