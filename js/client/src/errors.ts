/**
 * What a caller has to catch. Every error has a `code` of the server's table (docs/errors.md), says whether trying again
 * may help, and has the fields of the status message that it came with.
 *
 * SpaceportError
 *   ValidationError      the arguments were refused; `problems` has an entry for each fault
 *   AuthenticationError  a login or token is missing or wrong
 *   NotFoundError        no such endpoint, Space or job, or it is not shown to you
 *   BusyError            queue full, rate limit, quota, Space not running: `retry_after` seconds
 *   AppError             the function ended with an error
 *   CancelledError       the job was cancelled, here or there
 *   JobLostError         the job's end cannot be known any more
 *   ConnectionError      no connection, or it broke
 *   TimeoutError         no answer within the time limit
 *   ServerError          an answer that the protocol does not have
 */

import { RETRYABLE, UNCODED } from "./codes.js";

export interface Fault {
	parameter_name?: string;
	message?: string;
	msg?: string;
	[key: string]: unknown;
}

export interface ErrorDetails {
	code?: string;
	status?: number;
	retry_after?: number;
	problems?: Fault[];
	cause?: unknown;
}

export class SpaceportError extends Error {
	/** The code of an error whose source gave none. */
	static readonly usual: string = "protocol_violation";
	/** The class's name; minification changes the name in the code. */
	static readonly label: string = "SpaceportError";
	declare readonly code: string;
	/** The HTTP status, if the error came as an HTTP response. */
	declare readonly http_status: number | undefined;
	declare readonly retryable: boolean;
	declare readonly retry_after: number | undefined;
	declare readonly problems: Fault[];

	constructor(message: string, details: ErrorDetails = {}) {
		super(message, details.cause === undefined ? undefined : { cause: details.cause });
		const code = details.code ?? new.target.usual;
		const hidden = {
			name: new.target.label,
			code,
			http_status: details.status,
			retryable: RETRYABLE.test(code),
			retry_after: details.retry_after,
			problems: details.problems ?? [],
		};
		for (const [key, value] of Object.entries(hidden)) Object.defineProperty(this, key, { value, configurable: true, writable: true });
	}
}

export class ValidationError extends SpaceportError {
	static override readonly label = "ValidationError";
	static override readonly usual = "invalid_input";
}
export class AuthenticationError extends SpaceportError {
	static override readonly label = "AuthenticationError";
	static override readonly usual = "unauthenticated";
}
export class NotFoundError extends SpaceportError {
	static override readonly label = "NotFoundError";
	static override readonly usual = "not_found";
}
export class BusyError extends SpaceportError {
	static override readonly label = "BusyError";
	static override readonly usual = "space_unavailable";
}
export class AppError extends SpaceportError {
	static override readonly label = "AppError";
	static override readonly usual = "function_failed";
}
export class CancelledError extends SpaceportError {
	static override readonly label = "CancelledError";
	static override readonly usual = "cancelled";
}
export class JobLostError extends SpaceportError {
	static override readonly label = "JobLostError";
	static override readonly usual = "session_lost";
}
export class ConnectionError extends SpaceportError {
	static override readonly label = "ConnectionError";
	static override readonly usual = "connection_lost";
}
export class TimeoutError extends SpaceportError {
	static override readonly label = "TimeoutError";
	static override readonly usual = "client_timed_out";
}
export class ServerError extends SpaceportError {
	static override readonly label = "ServerError";
}

/** The classes of codes; those that are not here are a `ServerError` of an answer, an `AppError` of a job. */
const KINDS: [typeof SpaceportError, RegExp][] = [
	[ValidationError, /^(invalid_input|conflict|too_large)$/],
	[AuthenticationError, /^(unauthenticated|forbidden)$/],
	[NotFoundError, /^not_found$/],
	[BusyError, /^(busy|queue_full|quota_exceeded|rate_limited|storage_full|space_unavailable)$/],
	[CancelledError, /^cancelled$/],
	[JobLostError, /^(interrupted|replica_lost|session_lost)$/],
	[TimeoutError, /^client_timed_out$/],
];
const kindOf = (code = "") => KINDS.find(([, codes]) => codes.test(code))?.[0];

/** The error of a job that ended without a result; `text` is null where the server hides why. */
export function jobError(code: string | null | undefined, text: unknown): SpaceportError {
	const known = code ?? AppError.usual;
	const kind = kindOf(known) ?? AppError;
	return new kind(text == null ? "An error occurred" : String(text), { code: known });
}

/** The error that an HTTP answer stands for. `what` was asked for. */
export async function responseError(answer: Response, what: string): Promise<SpaceportError> {
	const status = answer.status;
	const body = await answer.text().catch(() => "");
	let detail: unknown;
	let code: string | undefined;
	try {
		const document = JSON.parse(body);
		detail = document.detail ?? document.error;
		if (typeof document.code === "string") code = document.code;
	} catch {
		detail = body.slice(0, 300).trim();
	}
	if (detail && typeof detail === "object" && !Array.isArray(detail)) {
		detail = Object.values(detail).filter(Boolean).join(". ");
	}
	const said = typeof detail === "string" && detail ? detail : "no reason given";
	const after = Number(answer.headers.get("retry-after"));
	const details: ErrorDetails = { status, ...(code && { code }), ...(after > 0 && { retry_after: after }) };
	if (Array.isArray(detail)) details.problems = detail;
	if (answer.type === "opaqueredirect" || (status >= 300 && status < 400)) {
		const place = answer.headers.get("location") ?? "elsewhere";
		return new ServerError(`${what} has moved to ${place}: connect there.`, details);
	}
	const uncoded = UNCODED[status];
	const kind = kindOf(details.code) ?? kindOf(uncoded) ?? ServerError;
	details.code ??= uncoded ?? kind.usual;
	const text = status === 422 ? (details.problems ? JSON.stringify(detail) : said) : `${what}: ${said}`;
	return new kind(status === 400 || status === 503 ? said : kind === ServerError ? `${text} (${status})` : text, details);
}
