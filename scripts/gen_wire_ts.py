"""Writes js/client/src/wire.ts, the server's types, from spaceport.wire; --check only says whether it is right."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from spaceport.wire import documents, messages

TARGET = Path(__file__).parent.parent / "js" / "client" / "src" / "wire.ts"
STRUCTS = [
    messages.ProgressUnit,
    messages.Output,
    messages.ErrorPayload,
    messages.Estimation,
    messages.ProcessStarts,
    messages.Progress,
    messages.Log,
    messages.ProcessGenerating,
    messages.CodedEnd,
    messages.Heartbeat,
    messages.CloseStream,
    messages.UnexpectedError,
    documents.PythonType,
    documents.Parameter,
    documents.Returned,
    documents.EndpointInfo,
    documents.DependencyTypes,
    documents.Dependency,
    documents.ComponentEntry,
    documents.Superset,
    documents.JobView,
]
PLAIN = {int: "number", float: "number", str: "string", bool: "boolean", type(None): "null", Any: "unknown"}
# What real Gradio servers send beside the fields that ours do.
MORE = {
    "Output": ["render_config?: Record<string, unknown> | null"],
    "EndpointInfo": ["type?: DependencyTypes", 'oauth_token?: "required" | "optional"'],
    "Dependency": ["component_prop_inputs?: number[]"],
}
HEAD = """/* Made by scripts/gen_wire_ts.py from spaceport.wire: change it there. */

"""
OURS = ("code", "request_id")
"""Fields that Gradio's servers do not send."""
TAIL = """
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
"""


def main() -> int:
    text = HEAD + "\n".join(map(interface, STRUCTS)) + TAIL
    if "--check" in sys.argv:
        right = TARGET.exists() and TARGET.read_text() == text
        print("wire.ts is right" if right else "wire.ts is stale; run scripts/gen_wire_ts.py")
        return not right
    TARGET.write_text(text)
    return 0


def interface(struct: type[msgspec.Struct]) -> str:
    hints = get_type_hints(struct)
    config = struct.__struct_config__
    lines = [f"export interface {struct.__name__} {{"]
    if config.tag is not None:
        lines.append(f'\t{config.tag_field}: "{config.tag}";')
    more = MORE.get(struct.__name__, [])
    replaced = {line.partition("?")[0] for line in more}
    for field in msgspec.structs.fields(struct):
        if field.encode_name in replaced:
            continue
        kind = typescript(hints[field.name])
        optional = "?" if field.name in OURS or "UnsetType" in str(hints[field.name]) or _unset(field) else ""
        lines.append(f"\t{field.encode_name}{optional}: {kind};")
    lines += [f"\t{line};" for line in more]
    return "\n".join([*lines, "}", ""])


def _unset(field: msgspec.structs.FieldInfo) -> bool:
    return field.default is msgspec.UNSET


def typescript(hint: Any) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if origin in (Union, types.UnionType):
        kinds = dict.fromkeys(typescript(one) for one in args if one is not msgspec.UnsetType)
        return " | ".join(kinds)
    if origin in (list, tuple):
        item = typescript(args[0])
        return f"({item})[]" if " " in item else f"{item}[]"
    if origin is dict:
        return f"Record<string, {typescript(args[1])}>"
    if origin is Literal:
        return " | ".join(f'"{one}"' for one in args)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint.__name__
    raise TypeError(f"no TypeScript for {hint}")


if __name__ == "__main__":
    sys.exit(main())
