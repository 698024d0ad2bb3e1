/** Calls an endpoint that does not queue: one request, whose response is the result. */

import { responseError, jobError } from "./errors.js";
import type { Job, CallTransport } from "./job.js";
import type { Fields, Transport } from "./transport.js";
import type { ErrorPayload, Output } from "./wire.js";

export class DirectCall implements CallTransport {
	readonly #http: Transport;
	readonly #path: string;
	readonly #body: unknown;
	readonly #headers: Fields;

	constructor(http: Transport, prefix: string, endpoint: string, body: unknown, headers: Fields) {
		this.#http = http;
		this.#path = `${prefix}run/${encodeURIComponent(endpoint)}`;
		this.#body = body;
		this.#headers = headers;
	}

	async drive(job: Job): Promise<void> {
		const answer = await this.#http.post(this.#path, this.#body, { headers: this.#headers, signal: job.signal });
		if (answer.ok) return job.take(job.run.answered((await answer.json()) as Output));
		const payload = (await answer.clone().json().catch(() => ({}))) as Partial<ErrorPayload>;
		if (answer.status !== 500 || !("error" in payload)) throw await responseError(answer, "The call");
		const { error, ...shown } = payload;
		job.fail(jobError(undefined, error), { success: false, ...shown });
	}

	async cancel(): Promise<void> {} // its request is aborted
}
