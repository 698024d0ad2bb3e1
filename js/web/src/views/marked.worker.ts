/** Reads Markdown beside the page, which stays usable meanwhile and ends this worker where a text takes too long. */

import { parseMarkdown } from "./marked";

addEventListener("message", ({ data }: MessageEvent<string>) => postMessage(parseMarkdown(data)));
