/** A page that stands in another page's frame tells it how high its content is, so that the frame can be as high. */

import { framed } from "./address";
import { HEIGHT_MESSAGE } from "./frame_messages";

export function reportHeight(): void {
	if (!framed || parent === window) return;
	const report = () => parent.postMessage({ [HEIGHT_MESSAGE]: document.body.scrollHeight }, "*");
	new ResizeObserver(report).observe(document.body);
}
