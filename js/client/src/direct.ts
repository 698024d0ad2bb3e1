/** Calls an endpoint that does not queue: one request, whose response is the result. */

import { json } from "./body.js";
import { failure, responseError } from "./errors.js";
import { codeOf } from "./fields.js";
import type { CallTransport } from "./job.js";
import type { Fields, Transport } from "./transport.js";
import type { ErrorPayload, Output } from "./wire.js";

export function directCall(http: Transport, endpoint: string, body: object, headers: Fields): CallTransport {
	return {
		async drive(job) {
			const answer = await http.post(`run/${encodeURIComponent(endpoint)}`, body, { headers, signal: job.signal });
			if (answer.ok) return job.take(job.run.answered((await json(answer)) as Output));
			const payload = (await json(answer.clone()).catch(() => undefined)) as Partial<ErrorPayload & { code: string }>;
			if (answer.status !== 500 || payload?.error === undefined) throw await responseError(answer, "The call");
			job.fail(...failure(payload as ErrorPayload, codeOf(payload.code)));
		},
		async cancel() {}, // its request is aborted
	};
}
