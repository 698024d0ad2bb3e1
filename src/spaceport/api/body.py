"""Decodes the body of a call, with arguments by position or by name, in the same way for every route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from spaceport.api.catalog import Caller, RequestInfo
from spaceport.api.exchange import JSON, HttpExchange
from spaceport.api.root import public_root
from spaceport.errors import InvalidInput
from spaceport.wire.bodies import CallBody, JoinBody
from spaceport.wire.json import MAX_DEPTH, decode, too_deep

_call_decoder = msgspec.json.Decoder(CallBody)
_join_decoder = msgspec.json.Decoder(JoinBody)
_FIELDS = frozenset(CallBody.__struct_fields__) | frozenset(JoinBody.__struct_fields__) | {"event_id"}


@dataclass(slots=True)
class Submission:
    """A decoded body. `arguments` is a list (by position) or a dict (by name)."""

    arguments: list[Any] | dict[str, Any]
    fn_index: int | None = None
    session_hash: str | None = None
    event_data: Any = None
    trigger_id: int | None = None
    oauth_token: str | None = None
    batched: bool = False


async def read(request: HttpExchange) -> bytes:
    """Read the body of a JSON request. Raises `InvalidInput`, `TooLarge` and `ClientGone`."""
    raw = await request.body(request.context.options.max_body, request.context.options.body_timeout_s)
    kind = request.headers.get(b"content-type", b"")
    if kind != JSON and not _is_json(kind):
        raise _invalid("body", "Send the body as JSON, with the header Content-Type: application/json.", "json_type")
    check(raw)
    return raw


def _is_json(content_type: bytes) -> bool:
    """Whether a media type is JSON's: a page may send any other one to another origin without asking first."""
    kind = content_type.partition(b";")[0].strip().lower()
    return kind == JSON or (kind.startswith(b"application/") and kind.endswith(b"+json"))


def check(raw: bytes) -> None:
    """Raise `InvalidInput` for JSON that nests too deeply to be parsed safely."""
    if too_deep(raw):
        raise _invalid("body", f"The body nests deeper than {MAX_DEPTH} levels.", "too_deep")


def parse_call(raw: bytes) -> Submission:
    """Decode the body of `call`, `check` or `run`. Raises `InvalidInput`."""
    try:
        body = _call_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _parse_loosely(raw)
    return Submission(
        body.data,
        body.fn_index,
        body.session_hash,
        body.event_data,
        body.trigger_id,
        body.oauth_token,
        bool(body.batched),
    )


def parse_join(raw: bytes) -> Submission:
    """Decode the body of `queue/join`. Raises `InvalidInput`."""
    try:
        body = _join_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _parse_loosely(raw)
    return Submission(body.data, body.fn_index, body.session_hash, body.event_data, body.trigger_id, body.oauth_token)


def parse_object(raw: bytes) -> dict[str, Any]:
    """Decode a JSON object. Raises `InvalidInput` for anything else."""
    try:
        value = decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _invalid("body", "The body is not valid JSON (NaN and Infinity are not JSON).", "json_invalid") from None
    if not isinstance(value, dict):
        raise _invalid("body", "Send a JSON object.", "model_attributes_type")
    return value


def _parse_loosely(raw: bytes) -> Submission:
    """Decode a body without a `data` list: its arguments are named, and stand beside the known fields."""
    value = parse_object(raw)
    if "data" in value:
        if not isinstance(value["data"], list):
            raise _invalid("data", "Input should be a valid list", "list_type")
        try:
            msgspec.convert(value, CallBody)
        except msgspec.ValidationError as error:
            raise _invalid("body", str(error), "type_error") from None
    known = {key: value[key] for key in value.keys() & _FIELDS}
    try:
        fields = msgspec.convert({"data": [], **known}, CallBody)
    except msgspec.ValidationError as error:
        raise _invalid("body", str(error), "type_error") from None
    named = {key: item for key, item in value.items() if key not in _FIELDS}
    return Submission(
        named, fields.fn_index, fields.session_hash, fields.event_data, fields.trigger_id, fields.oauth_token
    )


def caller(request: HttpExchange, submission: Submission) -> Caller:
    """Describe who submits, for `Endpoint.bind`."""
    headers = tuple(request.scope["headers"])
    if b"x-request-id" not in request.headers:
        headers += ((b"x-request-id", request.request_id.encode("latin-1")),)
    info = RequestInfo(
        request.method,
        request.path,
        _own_query(request.scope["query_string"].decode("latin-1")),
        request.client or None,
        headers,
        public_root(request),
    )
    return Caller(
        info,
        request.user,
        submission.session_hash,
        submission.event_data,
        submission.trigger_id,
        submission.oauth_token,
        request.scope.get("payer"),
    )


def _own_query(text: str) -> str:
    """The caller's query without `events=`, which is about the stream and not about the call."""
    if "events=" not in text:
        return text
    return "&".join(part for part in text.split("&") if not part.startswith("events="))


def _invalid(where: str, message: str, kind: str) -> InvalidInput:
    loc = ["body"] if where == "body" else ["body", where]
    return InvalidInput(message, [{"type": kind, "loc": loc, "msg": message, "input": None}])
