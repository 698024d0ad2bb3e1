"""Bodies of requests (gradio-wire §7). Unknown fields are ignored, as in Gradio."""

from __future__ import annotations

from typing import Any

import msgspec

MAX_CALLS = 100
"""How many calls one request may have."""


class CallBody(msgspec.Struct):
    """`POST call/{name}` and `run/{name}`: arguments by position."""

    data: list[Any]
    session_hash: str | None = None
    fn_index: int | None = None
    event_data: Any = None
    trigger_id: int | None = None
    oauth_token: str | None = None
    batched: bool | None = False


class OneCall(msgspec.Struct):
    """One of the calls of `POST calls`: its endpoint, the body of `POST call/{name}`, and what that has in headers."""

    name: str
    body: msgspec.Raw
    idempotency_key: str | None = None
    retries: int | None = None


class CallsBody(msgspec.Struct):
    """`POST calls`."""

    calls: list[OneCall]


class JoinBody(msgspec.Struct):
    """`POST queue/join`."""

    data: list[Any]
    fn_index: int | None = None
    session_hash: str | None = None
    event_data: Any = None
    trigger_id: int | None = None
    oauth_token: str | None = None
    simple_format: bool | None = False


class CancelBody(msgspec.Struct):
    """`POST cancel`."""

    event_id: str
    session_hash: str | None = None
    fn_index: int | None = None


class ResetBody(msgspec.Struct):
    """`POST reset`."""

    event_id: str
