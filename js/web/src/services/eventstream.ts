/** The data of each event of an event stream. */

import { SseParser } from "../../../client/src/sse";

export async function* eventData(answer: Response): AsyncGenerator<string> {
	const reader = answer.body?.getReader();
	if (!reader) return;
	const parser = new SseParser();
	const decoder = new TextDecoder();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			for (const event of parser.feed(decoder.decode(value, { stream: true }))) yield event.data;
		}
	} finally {
		void reader.cancel().catch(() => undefined);
	}
}
