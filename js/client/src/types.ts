/** What travels between a program and the client. The server's own types are in wire.ts. */

import type { Config, Info, ProgressUnit } from "./wire.js";

export interface DataMessage<T = unknown[]> {
	type: "data";
	time: Date;
	data: T;
	endpoint: string;
	fn_index: number;
	event_data?: unknown;
	trigger_id?: number | null;
}

export interface StatusMessage {
	type: "status";
	stage: "pending" | "generating" | "streaming" | "complete" | "error";
	queue: boolean;
	time: Date;
	endpoint: string;
	fn_index: number;
	code?: string;
	success?: boolean;
	/** Jobs in the queue, how many are before this one, and seconds until its result. */
	size?: number;
	position?: number;
	eta?: number | null;
	title?: string;
	message?: unknown;
	visible?: boolean;
	duration?: number | null;
	progress_data?: ProgressUnit[];
	changed_state_ids?: number[];
	used_cache?: string | null;
	cache_duration?: number | null;
	avg_time?: number | null;
	broken?: boolean;
	original_msg?: string;
	time_limit?: number | null;
}

export interface LogMessage {
	type: "log";
	log: string;
	title: string;
	level: "info" | "warning" | "success" | "error";
	duration: number | null;
	visible: boolean;
	endpoint: string;
	fn_index: number;
}

export interface RenderMessage {
	type: "render";
	data: Record<string, unknown>;
	endpoint: string;
	fn_index: number;
}

export type Message = DataMessage | StatusMessage | LogMessage | RenderMessage;
export type MessageKind = Message["type"];

export interface SpaceStatus {
	status: "sleeping" | "running" | "building" | "starting" | "stopped" | "paused" | "space_error" | "error";
	detail: string;
	load_status: "pending" | "error" | "complete" | "generating";
	message: string;
}

export interface ClientOptions {
	/** Goes to the hub and to this Space, and nowhere else. */
	token?: string;
	/** @deprecated The old name of `token`. */
	hf_token?: string;
	/** Name and password of an app that asks for a login. */
	auth?: [string, string] | null;
	headers?: HeadersInit;
	/** The hub for `owner/name`. In Node also `SPACEPORT_HUB` or `HF_ENDPOINT`; else the Hugging Face Hub. */
	hub?: string;
	/** Which messages `submit` gives; the default is ["data"], and then an error is thrown at the end of the loop. */
	events?: MessageKind[];
	status_callback?: (status: SpaceStatus) => void;
	/** Ends the connection and all calls. */
	signal?: AbortSignal;
	/** Milliseconds that connecting may take. */
	timeout?: number;
	session_hash?: string;
	with_null_state?: boolean;
	oauth_token?: string;
	cookies?: string;
	credentials?: RequestCredentials;
}

export interface CallOptions {
	/** Cancels the job. */
	signal?: AbortSignal;
	/** Milliseconds until the job is cancelled. */
	timeout?: number;
	headers?: HeadersInit;
	/** How often a server of ours may run the call again if its process dies or it fails. */
	retries?: number;
	/** The same key and arguments give the same job, on a server of ours. */
	idempotency_key?: string;
}

export type Arguments = unknown[] | Record<string, unknown>;
export type { Config, Info, ProgressUnit };
