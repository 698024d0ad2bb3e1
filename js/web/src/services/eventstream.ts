/** The data of each event of an event stream. */

import { sseParser } from "../../../client/src/sse";

export async function* eventData(answer: Response): AsyncGenerator<string> {
	const reader = answer.body?.getReader();
	if (!reader) return;
	const parse = sseParser();
	const decoder = new TextDecoder();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			for (const event of parse(decoder.decode(value, { stream: true }))) yield event.data;
		}
	} finally {
		void reader.cancel().catch(() => undefined);
	}
}
