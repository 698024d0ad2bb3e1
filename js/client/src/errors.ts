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

import { text as read } from "./body.js";
import { RETRYABLE, UNCODED } from "./codes.js";
import { define } from "./define.js";
import { codeOf, labelOf, textOf } from "./fields.js";
import type { StatusMessage } from "./types.js";
import type { ErrorPayload } from "./wire.js";

export interface Fault {
	parameter_name?: string;
	message?: string;
	msg?: string;
	[key: string]: unknown;
}

export interface ErrorDetails {
	code?: string | undefined;
	status?: number;
	retry_after?: number | undefined;
	problems?: Fault[] | undefined;
	cause?: unknown;
}

export class SpaceportError extends Error {
	/** The class's name; minification changes the name in the code. */
	static readonly label: string = "SpaceportError";
	/** The server's codes that it stands for; the first is that of an error whose source gave none. */
	static readonly codes: readonly string[] = [];
	declare readonly code: string;
	/** The HTTP status, if the error came as an HTTP response. */
	declare readonly http_status: number | undefined;
	declare readonly retryable: boolean;
	declare readonly retry_after: number | undefined;
	declare readonly problems: Fault[];

	constructor(message: string, details: ErrorDetails = {}) {
		super(message, details);
		const { label: name, codes } = new.target;
		const { code = codes[0] ?? "protocol_violation", status: http_status, retry_after, problems = [] } = details;
		define(this, { name, code, http_status, retryable: RETRYABLE.includes(code), retry_after, problems }, false);
	}
}

function kind(label: string, ...codes: string[]) {
	return class extends SpaceportError {
		static override readonly label = label;
		static override readonly codes = codes;
	};
}

export class ValidationError extends kind("ValidationError", "invalid_input", "conflict", "too_large") {}
export class AuthenticationError extends kind("AuthenticationError", "unauthenticated", "forbidden") {}
export class NotFoundError extends kind("NotFoundError", "not_found") {}
export class BusyError extends kind(
	"BusyError",
	"space_unavailable",
	"busy",
	"queue_full",
	"quota_exceeded",
	"rate_limited",
	"storage_full",
) {}
export class AppError extends kind("AppError", "function_failed") {}
export class CancelledError extends kind("CancelledError", "cancelled") {}
export class JobLostError extends kind("JobLostError", "session_lost", "interrupted", "replica_lost") {}
export class ConnectionError extends kind("ConnectionError", "connection_lost") {}
export class TimeoutError extends kind("TimeoutError", "client_timed_out") {}
export class ServerError extends kind("ServerError") {}

/** The class of a code. What has none here is a `ServerError` of an answer, an `AppError` of a job. */
const kindOf = (code = "") =>
	[ValidationError, AuthenticationError, NotFoundError, BusyError, CancelledError, JobLostError, TimeoutError].find(
		({ codes }) => codes.includes(code),
	);

/** The error of a job that ended without a result; `text` is null where the server hides why. */
export function jobError(code: string | null | undefined, text: unknown): SpaceportError {
	const known = code ?? "function_failed";
	return new (kindOf(known) ?? AppError)(text == null ? "An error occurred" : String(text), { code: known });
}

/** The error of a call whose server's messages cannot be understood: what the program that read them threw. */
export const malformed = (cause: unknown, what = "A message of the server"): SpaceportError =>
	cause instanceof SpaceportError ? cause : new ServerError(`${what} is not JSON, or malformed.`, { cause });

/** The text of the error of a job that the server does not have any more. */
export const LOST = "The server has lost the job.";

/** The error of a job, or of all jobs of a stream, that a server gave up. */
export function lost({ code, message }: { code?: string | null; message: string }): SpaceportError {
	return jobError(codeOf(code) ?? "session_lost", textOf(message) || LOST);
}

/**
 * The error of a job that has failed, and what its status message shows. Fields that are not known here are shown too,
 * unless they are the error's own: what an error is, its server does not say.
 */
export function failure(payload: ErrorPayload, code?: string, title?: string): [SpaceportError, Partial<StatusMessage>] {
	const { error: text, ...more } = payload;
	const error = jobError(code, textOf(text));
	const others = Object.entries(more).filter(([key]) => !(key in error));
	const shown = labelOf(more.title) ?? title;
	return [error, { success: false, ...(code && { code }), ...Object.fromEntries(others), ...(shown && { title: shown }) }];
}

/** The error that an HTTP answer stands for. `what` was asked for. */
export async function responseError(answer: Response, what: string): Promise<SpaceportError> {
	const { status, headers } = answer;
	const body = await read(answer).catch(() => "");
	let detail: unknown = body.slice(0, 300).trim();
	let code = UNCODED[status];
	try {
		const document = JSON.parse(body);
		detail = document.detail ?? document.error;
		code = (codeOf(document.code) as typeof code) ?? code;
	} catch {
		// a proxy's page
	}
	const problems = Array.isArray(detail) ? detail : undefined;
	const text = detail && typeof detail === "object" ? Object.values(detail).filter(Boolean).join(". ") : detail;
	const said = text ? String(text) : "no reason given";
	const after = Number(headers.get("retry-after"));
	const details = { status, code, retry_after: after > 0 ? after : undefined, problems };
	if (status < 400) {
		return new ServerError(`${what} has moved to ${headers.get("location") ?? "elsewhere"}: connect there.`, details);
	}
	const kind = kindOf(code) ?? kindOf(UNCODED[status]) ?? ServerError;
	const full = status === 422 ? (problems ? JSON.stringify(detail) : said) : `${what}: ${said}`;
	return new kind(status === 400 || status === 503 ? said : kind === ServerError ? `${full} (${status})` : full, details);
}
