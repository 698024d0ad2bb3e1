"""A bound call of an endpoint, and how the journal stores it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from spaceport.api import Caller, RequestInfo
from spaceport.api.credentials import SECRET_HEADERS
from spaceport.store import PinnedFiles


@dataclass(slots=True)
class Call:
    """A bound call. `arguments` are the Python values of the inputs in their order, made from the values in `wire`.

    `held` keeps the files of the call from being removed until `release`.
    """

    arguments: list[Any]
    wire: list[Any]
    caller: Caller
    held: PinnedFiles | None = None
    inline: bool = False
    """Whether files of it came as `data:` URLs and are not stored yet."""

    def release(self) -> None:
        """Let the files of the call be removed: it has ended, or is not made."""
        if self.held is not None:
            self.held.release()

    @property
    def owner(self) -> str:
        """The user whose files the call may read, "" for an anonymous caller."""
        return self.caller.user or ""

    @property
    def payer(self) -> str:
        """Whose file budget its files count against."""
        return f"user:{self.owner}" if self.owner else f"address:{self.caller.request.client or ''}"


class JournaledCall(msgspec.Struct, array_like=True):
    """A call as the journal stores it: without credentials."""

    wire: list[Any]
    method: str
    path: str
    query: str
    client: str | None
    headers: list[tuple[bytes, bytes]]
    root: str
    user: str | None
    session: str | None
    event_data: Any
    trigger_id: int | None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(JournaledCall)


def serialize(call: Call) -> bytes:
    """The call for the journal. Raises `OverflowError` or `RecursionError` for values that it cannot store."""
    caller, request = call.caller, call.caller.request
    return _encoder.encode(
        JournaledCall(
            call.wire,
            request.method,
            request.path,
            request.query,
            request.client,
            [pair for pair in request.headers if pair[0] not in SECRET_HEADERS],
            request.root,
            caller.user,
            caller.session,
            caller.event_data,
            caller.trigger_id,
        )
    )


def deserialize(payload: bytes) -> tuple[list[Any], Caller]:
    """The wire values and the caller of a call from the journal; it still has to be bound."""
    stored = _decoder.decode(payload)
    request = RequestInfo(stored.method, stored.path, stored.query, stored.client, tuple(stored.headers), stored.root)
    return stored.wire, Caller(request, stored.user, stored.session, stored.event_data, stored.trigger_id)


def is_storable(value: Any) -> bool:
    """Whether the journal can store a wire value: no integer above 64 bits, no nesting without end."""
    try:
        _encoder.encode(value)
    except (OverflowError, RecursionError):
        return False
    return True
