"""`openapi.json`: a valid OpenAPI 3.1 document of the Space, made from the same info as `/info`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spaceport.api.catalog import Endpoint
from spaceport.snippets.example import example
from spaceport.wire.bodies import MAX_CALLS
from spaceport.wire.documents import API_PREFIX, Parameter
from spaceport.wire.schemas import SchemaSteps, SchemaTooLarge, reference_of

if TYPE_CHECKING:
    from spaceport.api.context import AppContext

_JSON = "application/json"
_SSE = "text/event-stream"
_EVENTS = {"schema": {"$ref": "#/components/schemas/Event"}}
_ERRORS = {
    "400": "The request is malformed.",
    "401": "The Space asks for a login.",
    "404": "There is no such endpoint or job.",
    "405": "The route does not take this method.",
    "408": "The request did not arrive in time.",
    "409": "The Idempotency-Key was used with another body, or the job was cancelled.",
    "413": "The body is too large.",
    "422": "The body or an argument does not fit; `detail` names each fault.",
    "429": "Too many requests; wait for `Retry-After` seconds.",
    "500": "The function failed, or the server has a bug.",
    "503": "The queue is full or the server is stopping; wait for `Retry-After` seconds.",
    "504": "The call ran longer than its limit.",
}


_POSITIONAL = {
    "type": "object",
    "properties": {"data": {"type": "array", "items": {}, "description": "The arguments, by position."}},
    "required": ["data"],
}


def document(context: AppContext) -> dict[str, Any]:
    """The whole document. Paths are relative to the document's own origin, so that it is right behind any proxy."""
    paths: dict[str, Any] = {}
    shared = SharedSchemas()
    for endpoint in context.catalog.endpoints:
        if endpoint.visibility == "public":
            paths[f"{API_PREFIX}/call/v2/{endpoint.name}"] = {"post": _submit(endpoint, shared)}
    paths[f"{API_PREFIX}/call/{{name}}/{{event_id}}"] = {"get": _events()}
    paths[f"{API_PREFIX}/calls"] = {"post": _submit_all()}
    paths[f"{API_PREFIX}/check/{{name}}"] = {"post": _check()}
    paths[f"{API_PREFIX}/jobs/{{job_id}}"] = {"get": _job(), "delete": _job_cancel()}
    value: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": context.options.title,
            "description": context.options.description or "",
            "version": "1",
        },
        "paths": paths,
        "components": {"schemas": {**_SCHEMAS, **shared.found}, "responses": _responses()},
    }
    if context.auth.required:
        value["components"]["securitySchemes"] = {
            "basic": {"type": "http", "scheme": "basic"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": context.auth.cookies[1]},
        }
        value["security"] = [{"basic": []}, {"cookie": []}]
    return value


def _submit(endpoint: Endpoint, shared: SharedSchemas) -> dict[str, Any]:
    info = endpoint.info
    # One schema for all positions, not `prefixItems`: tools still trip over tuples inside of anyOf.
    count = len(endpoint.dependency.outputs)
    kinds = [clean(item.full_schema, shared) for item in info.returns] + [{"type": "null"}]
    returns = {"type": "array", "items": {"anyOf": kinds}, "minItems": count, "maxItems": count}
    done = {
        "type": "object",
        "required": ["event_id", "data"],
        "properties": {"event_id": {"type": "string"}, "data": returns},
    }
    accepted = {"$ref": "#/components/schemas/Accepted"}
    return {
        "operationId": endpoint.name,
        "summary": (info.description or endpoint.name).split("\n")[0],
        "description": (info.description + "\n\n" if info.description else "")
        + "Answers with the id of the queued call at once; with `Accept: text/event-stream` with its events as they"
        " come, with `Prefer: wait=10` with its result.",
        "parameters": [
            _header("Prefer", "`wait` or `wait=N`: answer with the result if it is there within N seconds."),
            _header("Idempotency-Key", "The same key and body stand for the same call.", {"minLength": 1}),
        ],
        "requestBody": {"required": True, "content": {_JSON: {"schema": _arguments(info.parameters, shared)}}},
        "responses": {
            "200": {
                "description": "Accepted; or, when asked for, the result or the events.",
                "content": {
                    _JSON: {"schema": {"anyOf": [accepted, done]}},
                    _SSE: _EVENTS,
                },
            },
            "202": {"description": "Still running.", "content": {_JSON: {"schema": accepted}}},
            **_refs("400", "401", "404", "408", "409", "413", "422", "429", "500", "503", "504"),
        },
    }


def _submit_all() -> dict[str, Any]:
    call = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "The endpoint."},
            "body": _POSITIONAL,
            "idempotency_key": {"type": "string", "description": "The same key and body stand for the same call."},
            "retries": {"type": "integer", "minimum": 0, "maximum": 10},
        },
        "required": ["name", "body"],
    }
    calls = {"type": "array", "items": call, "minItems": 1, "maxItems": MAX_CALLS}
    refused = {
        "type": "object",
        "required": ["status", "code", "detail"],
        "properties": {"status": {"type": "integer"}, "code": {"type": "string"}, "detail": {}},
    }
    entry = {"anyOf": [{"$ref": "#/components/schemas/Accepted"}, refused]}
    return {
        "operationId": "submit_calls",
        "summary": "Several calls in one request",
        "description": "Answers with an entry for each call, in their order: its id, or why it was refused. With "
        "`Accept: text/event-stream` the entries are the event `accepted`, and the messages of all the calls follow.",
        "requestBody": {
            "required": True,
            "content": {_JSON: {"schema": {"type": "object", "properties": {"calls": calls}, "required": ["calls"]}}},
        },
        "responses": {
            "200": {
                "description": "The calls were read.",
                "content": {_JSON: {"schema": {"type": "array", "items": entry}}, _SSE: _EVENTS},
            },
            **_refs("400", "401", "405", "408", "413", "422", "429", "500", "503"),
        },
    }


def _check() -> dict[str, Any]:
    return {
        "operationId": "check_arguments",
        "summary": "Whether a call would be accepted; nothing is called",
        "parameters": [_in_path("name")],
        "requestBody": {"required": True, "content": {_JSON: {"schema": _POSITIONAL}}},
        "responses": {
            "204": {"description": "It would."},
            **_refs("401", "404", "405", "408", "413", "422"),
        },
    }


def _arguments(parameters: list[Parameter], shared: SharedSchemas) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for parameter in parameters:
        one = clean(parameter.full_schema, shared)
        if parameter.parameter_has_default:
            one = {**one, "default": parameter.parameter_default}
        shown = example(parameter.full_schema, parameter.example_input)
        if shown is not None:
            one = {**one, "examples": [shown]}
        if parameter.label and parameter.label != parameter.parameter_name:
            one = {"title": parameter.label, **one}
        properties[parameter.parameter_name] = one
    required = [p.parameter_name for p in parameters if not p.parameter_has_default]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


class SharedSchemas:
    """Classes inside of themselves, which stand once among the document's components: `found` by their names."""

    def __init__(self, steps: SchemaSteps | None = None) -> None:
        self.found: dict[str, Any] = {}
        self.steps = steps or SchemaSteps()
        self._raw: dict[str, Any] = {}

    def reference(self, name: str, definitions: Mapping[str, Any], depth: int) -> dict[str, str]:
        """A reference to the definition, which is added with the first one. Raises `SchemaTooLarge`."""
        raw, key, number = definitions.get(name, {}), _component_name(name), 1
        while key in self._raw and self._raw[key] != raw:
            number += 1
            key = f"{_component_name(name)}.{number}"
        if key not in self._raw:
            self._raw[key] = raw
            self.found[key] = {}
            self.found[key] = _Writer(self.steps, self).expand(raw, definitions, (name,), depth + 1)
        return {"$ref": f"#/components/schemas/{key}"}


def _component_name(name: str) -> str:
    return f"types.{re.sub(r'[^A-Za-z0-9._-]', '_', name)}"


def clean(value: Any, shared: SharedSchemas | None = None) -> dict[str, Any]:
    """A schema of `/info` as JSON Schema 2020-12: definitions inlined, Gradio's private words removed.

    A class inside of itself becomes a reference into `shared`; without it `{}` stands where the class would recur.
    `{}` stands for a schema that is too large, too.
    """
    try:
        return clean_strictly(value, SchemaSteps() if shared is None else shared.steps, shared)
    except SchemaTooLarge:
        return {}


def clean_strictly(value: Any, steps: SchemaSteps, shared: SharedSchemas | None = None) -> dict[str, Any]:
    """As `clean`. `steps` are those of all schemas of a document. Raises `SchemaTooLarge`."""
    steps.start_schema()
    result = _Writer(steps, shared).expand(value, {}, (), 0)
    return result if isinstance(result, dict) else {}


class _Writer:
    """Writes definitions out where they are used."""

    def __init__(self, steps: SchemaSteps, shared: SharedSchemas | None) -> None:
        self._steps = steps
        self._shared = shared

    def expand(self, value: Any, definitions: Mapping[str, Any], seen: tuple[str, ...], depth: int) -> Any:
        """Raises `SchemaTooLarge`."""
        self._steps.take(depth)
        if isinstance(value, list):
            return [self.expand(item, definitions, seen, depth + 1) for item in value]
        if not isinstance(value, dict):
            return value
        definitions = self._steps.definitions(value, definitions, depth)
        name = reference_of(value)
        if name is not None:
            if name not in seen:
                return self.expand(definitions.get(name, {}), definitions, (*seen, name), depth + 1)
            return {} if self._shared is None else self._shared.reference(name, definitions, depth)
        dropped = {"$defs", "additional_description"}
        if value.get("type") == {}:
            dropped.add("type")
        return {
            key: self.expand(item, definitions, seen, depth + 1) for key, item in value.items() if key not in dropped
        }


def _events() -> dict[str, Any]:
    return {
        "operationId": "call_events",
        "summary": "The events of a call, from `Last-Event-ID` on; readable again until the result expires.",
        "parameters": [_in_path("name"), _in_path("event_id"), _header("Last-Event-ID", "Continue after this event.")],
        "responses": {
            "200": {"description": "Events.", "content": {_SSE: _EVENTS}},
            "204": {"description": "Everything was read."},
            **_refs("400", "401", "404", "500"),
        },
    }


def _job() -> dict[str, Any]:
    return {
        "operationId": "job",
        "summary": "The state of a call, and its result once it has one.",
        "parameters": [_in_path("job_id")],
        "responses": {
            "200": {"description": "The job.", "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Job"}}}},
            **_refs("400", "401", "404", "500"),
        },
    }


def _job_cancel() -> dict[str, Any]:
    answer = {**_job(), "operationId": "cancel_job", "summary": "Cancel a call."}
    answer["responses"] = {**answer["responses"], **_refs("409")}
    return answer


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _header(name: str, text: str, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": text,
        "schema": {"type": "string", **(extra or {})},
    }


def _refs(*statuses: str) -> dict[str, Any]:
    return {status: {"$ref": f"#/components/responses/E{status}"} for status in statuses}


def _responses() -> dict[str, Any]:
    gradio = {"schema": {"$ref": "#/components/schemas/Error"}}
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        f"E{status}": {"description": text, "content": {_JSON: gradio, "application/problem+json": problem}}
        for status, text in _ERRORS.items()
    }


_SCHEMAS: dict[str, Any] = {
    "Event": {
        "description": "One event of the stream; `data` is JSON.",
        "type": "object",
        "required": ["data"],
        "properties": {"event": {"type": "string"}, "data": {"type": "string"}, "id": {"type": "string"}},
    },
    "Accepted": {
        "type": "object",
        "required": ["event_id"],
        "properties": {"event_id": {"type": "string"}, "state": {"type": "string"}},
    },
    "Error": {
        "type": "object",
        "required": ["detail", "code", "request_id"],
        "properties": {"detail": {}, "code": {"type": "string"}, "request_id": {"type": "string"}},
    },
    "Problem": {
        "type": "object",
        "required": ["title", "status", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "request_id": {"type": "string"},
            "errors": {"type": "array"},
        },
    },
    "Job": {
        "type": "object",
        "required": ["id", "endpoint", "state"],
        "properties": {
            "id": {"type": "string"},
            "endpoint": {"type": "string"},
            "state": {"enum": ["queued", "running", "succeeded", "failed", "cancelled"]},
            "rank": {"type": ["integer", "null"]},
            "queue_size": {"type": ["integer", "null"]},
            "eta": {"type": ["number", "null"]},
            "data": {},
            "error": {"type": ["object", "null"]},
        },
    },
}
