/** Call Spaces and Gradio apps: `(await Client.connect("owner/name")).predict("/endpoint", [...])`. */

export { Client, type DuplicateOptions } from "./client.js";
export {
	AppError,
	AuthenticationError,
	BusyError,
	CancelledError,
	ConnectionError,
	type ErrorDetails,
	type Fault,
	JobLostError,
	jobError,
	NotFoundError,
	responseError,
	ServerError,
	SpaceportError,
	TimeoutError,
	ValidationError,
} from "./errors.js";
export { FileData, handle_file, LocalFile } from "./files.js";
export type { JsEndpointInfo, JsInfo, JsParameter, JsReturned } from "./endpoints.js";
export type { Job } from "./job.js";
export type * from "./types.js";
