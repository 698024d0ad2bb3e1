/* Made by scripts/gen_wire_ts.py from spaceport.wire: change it there. */

export interface ProgressUnit {
	index: number | null;
	length: number | null;
	unit: string | null;
	progress: number | null;
	desc: string | null;
}

export interface Output {
	data: unknown;
	is_generating: boolean | null;
	duration: number;
	average_duration: number | null;
	changed_state_ids: number[];
	used_cache: string | null;
	render_config?: Record<string, unknown> | null;
}

export interface ErrorPayload {
	error: string | null;
	duration?: number | null;
	visible?: boolean;
	title?: string;
}

export interface Estimation {
	msg: "estimation";
	event_id: string | null;
	rank: number | null;
	queue_size: number;
	rank_eta: number | null;
}

export interface ProcessStarts {
	msg: "process_starts";
	event_id: string | null;
	eta: number | null;
}

export interface Progress {
	msg: "progress";
	event_id: string | null;
	progress_data: ProgressUnit[];
}

export interface Log {
	msg: "log";
	event_id: string | null;
	log: string;
	level: string;
	duration: number | null;
	visible: boolean;
	title: string;
}

export interface ProcessGenerating {
	msg: "process_generating";
	event_id: string | null;
	output: Output;
	success: boolean;
	time_limit: number | null;
}

export interface CodedEnd {
	msg: "process_completed";
	event_id: string | null;
	output: Output | ErrorPayload;
	success: boolean;
	title: string | null;
	used_cache: string | null;
	cache_duration: number | null;
	avg_time: number | null;
	code?: string | null;
	request_id?: string | null;
}

export interface Heartbeat {
	msg: "heartbeat";
	event_id: string | null;
}

export interface CloseStream {
	msg: "close_stream";
	event_id: string | null;
}

export interface UnexpectedError {
	msg: "unexpected_error";
	event_id: string | null;
	message: string;
	session_not_found: boolean;
	success: boolean;
	code?: string | null;
}

export interface PythonType {
	type: string;
	description: string | null;
}

export interface Parameter {
	label: string;
	parameter_name: string;
	parameter_has_default: boolean;
	parameter_default: unknown;
	type: Record<string, unknown>;
	python_type: PythonType;
	component: string;
	example_input: unknown;
	schema?: Record<string, unknown>;
}

export interface Returned {
	label: string;
	type: Record<string, unknown>;
	python_type: PythonType;
	component: string;
	schema?: Record<string, unknown>;
}

export interface EndpointInfo {
	parameters: Parameter[];
	returns: Returned[];
	api_visibility: string;
	description: string;
	type?: DependencyTypes;
	oauth_token?: "required" | "optional";
}

export interface DependencyTypes {
	generator: boolean;
	cancel: boolean;
}

export interface Dependency {
	id: number;
	targets: unknown[];
	inputs: number[];
	outputs: number[];
	backend_fn: boolean;
	js: null;
	queue: boolean;
	api_name: string;
	api_description: string | null;
	scroll_to_output: boolean;
	show_progress: string;
	show_progress_on: null;
	batch: boolean;
	max_batch_size: number;
	cancels: number[];
	types: DependencyTypes;
	collects_event_data: boolean;
	trigger_after: null;
	trigger_only_on_success: boolean;
	trigger_only_on_failure: boolean;
	trigger_mode: string;
	api_visibility: string;
	rendered_in: null;
	render_id: null;
	connection: string;
	time_limit: number | null;
	stream_every: number;
	event_specific_args: string[];
	js_implementation: null;
	validates?: boolean;
	retries?: number;
	examples?: unknown[][];
	cached_examples?: boolean;
	thumbnails?: unknown[];
	component_prop_inputs?: number[];
}

export interface ComponentEntry {
	id: number;
	type: string;
	props: Record<string, unknown>;
	skip_api?: boolean;
	component_class_id: string;
	key?: null;
	api_info?: unknown;
	api_info_as_input?: unknown;
	api_info_as_output?: unknown;
	example_inputs?: unknown;
}

export interface Superset {
	v: number;
	features: string[];
}

export interface JobView {
	id: string;
	endpoint: string;
	state: string;
	rank: number | null;
	queue_size: number | null;
	eta: number | null;
	attempt: number;
	progress: unknown[] | null;
	accepted_at: number;
	started_at: number | null;
	finished_at: number | null;
	expires_at: number | null;
	last_seq: number;
	data: unknown;
	error: Record<string, unknown> | null;
	user?: string;
}

/** A step of an endpoint that takes its input piece by piece; real Gradio servers send it. */
export interface ProcessStreaming extends Omit<ProcessGenerating, "msg"> {
	msg: "process_streaming";
}

export type ServerMessage =
	| Estimation
	| ProcessStarts
	| Progress
	| Log
	| ProcessGenerating
	| ProcessStreaming
	| CodedEnd
	| Heartbeat
	| CloseStream
	| UnexpectedError;

/** `GET /config`, as far as a client reads it. */
export interface Config {
	version: string;
	protocol: string;
	root: string;
	app_id: number;
	components: ComponentEntry[];
	dependencies: Dependency[];
	api_prefix?: string;
	connect_heartbeat?: boolean;
	enable_queue?: boolean;
	max_file_size?: number | null;
	space_id?: string | null;
	title?: string;
	username?: string | null;
	spaceport?: Superset;
	[field: string]: unknown;
}

/** `GET /info`. */
export interface Info {
	named_endpoints: Record<string, EndpointInfo>;
	unnamed_endpoints: Record<string, EndpointInfo>;
}
