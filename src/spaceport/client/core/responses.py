"""Turns an HTTP response that is not a success into the error that the caller sees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from spaceport.client.errors import (
    AuthenticationError,
    EndpointNotFound,
    QueueError,
    ServerError,
    TooManyRequestsError,
    ValidationError,
    with_code,
)
from spaceport.errors import SpaceportError
from spaceport.wire import events

RETRY_STATUSES = frozenset({429, 502, 503, 504})
"""Statuses which say that nothing was accepted and that a retry may succeed."""


def error_from(status: int, body: bytes, headers: Mapping[str, str], what: str) -> SpaceportError:
    """The error for a status that is not 2xx; `what` names in the message what was requested."""
    document = parse_json(body)
    fields = document if isinstance(document, dict) else {}
    error = _of_status(status, body, headers, what, fields)
    return with_code(error, events.code_of(fields), fields.get("request_id"))


def _of_status(
    status: int, body: bytes, headers: Mapping[str, str], what: str, document: Mapping[str, Any]
) -> SpaceportError:
    detail = document.get("detail", document.get("error"))
    if isinstance(detail, dict):  # {"error": …, "auth_message": …}
        detail = ". ".join(str(part) for part in detail.values() if part)
    text = detail if isinstance(detail, str) else body[:300].decode("utf-8", "replace").strip()
    if 300 <= status < 400 and "location" in headers:
        return ServerError(f"{what} has moved to {headers['location']}: connect to that address.", status)
    if status == 401:
        return AuthenticationError(f"{what} needs a login: {text or 'no reason given'}")
    if status == 404:
        return EndpointNotFound(f"{what} was not found: {text}")
    if status == 422:
        return _refused(detail, text)
    if status == 429:
        return TooManyRequestsError(f"{what}: too many requests. {text}".strip(), retry_after(headers) or 1.0)
    if status == 503:
        return QueueError(text or "Queue is full! Please try again.", retry_after(headers) or 1.0)
    return ServerError(f"{what} answered {status}: {text or 'no reason given'}", status)


def parse_json(body: bytes) -> Any:
    """The JSON value of a body, or None if it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def parse_message(text: str) -> events.Message:
    """A message of a session's stream. Raises `ServerError` for what is none."""
    try:
        return events.parse(text)
    except events.MalformedMessage:
        raise ServerError(f"A message of the stream is not JSON: {text[:100]!r}") from None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of `Retry-After`, or None if there is no number."""
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _refused(detail: Any, text: str) -> SpaceportError:
    if not isinstance(detail, list):
        return ValidationError(text or "The arguments were refused.")
    faults = [one for one in detail if isinstance(one, dict) and one.get("is_valid", False) is False]
    if not faults:
        return ValidationError(text or "The arguments were refused.")
    lines = [f"- {one.get('parameter_name') or _place(one)}: {one.get('message') or one.get('msg')}" for one in faults]
    return ValidationError("\n".join([f"{len(faults)} parameter(s) failed validation:", *lines]), faults)


def _place(fault: Mapping[str, Any]) -> str:
    """Where FastAPI says that the fault is; other servers write there what they like, or nothing."""
    parts = fault.get("loc")
    return ".".join(map(str, parts)) if isinstance(parts, list) and parts else "the request"
