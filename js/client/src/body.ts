/** Reads bodies of responses, which may be without end, or never come. */

const SILENT_MS = 60_000;
/** Characters of a body that is read whole. */
const BODY_MAX = 2 ** 27;
/** A body of a known size below this is read at once, as a quick call's is: by pieces that takes twice the time. */
const WHOLE_MAX = 65_536;

/** The body of a response. Throws when it is too large, and when nothing of it comes for a minute. */
export async function text(answer: Response): Promise<string> {
	let found = "";
	for await (const piece of pieces(answer)) {
		found += piece;
		if (found.length > BODY_MAX) throw new RangeError();
	}
	return found;
}

/** The body as JSON. Throws as `text` does, and for what is none. */
export const json = async (answer: Response): Promise<any> => JSON.parse(await text(answer));

/** The text of a response as it comes. Throws when nothing comes for a minute. */
export async function* pieces(answer: Response): AsyncGenerator<string> {
	const size = answer.headers.get("content-length");
	if (size && +size < WHOLE_MAX) return yield soon(answer.text());
	const reader = answer.body?.getReader();
	const decoder = new TextDecoder();
	try {
		while (reader) {
			const { done, value } = await soon(reader.read());
			if (done) return;
			yield decoder.decode(value, { stream: true });
		}
	} finally {
		reader?.cancel().catch(() => {});
	}
}

/** What is read, unless nothing comes for too long. */
function soon<T>(reading: Promise<T>): Promise<T> {
	let late: ReturnType<typeof setTimeout>;
	const silence = new Promise<never>((_, reject) => {
		late = setTimeout(reject, SILENT_MS);
	});
	return Promise.race([reading, silence]).finally(() => clearTimeout(late));
}
