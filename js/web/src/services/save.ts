/** Writes files for the visitor. */

/** A text as a file that the browser downloads. */
export function saveText(name: string, text: string): void {
	const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
	const link = Object.assign(document.createElement("a"), { href: address, download: name });
	link.click();
	setTimeout(() => URL.revokeObjectURL(address), 0);
}
