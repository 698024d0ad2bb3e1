"""Decides which requests to a Space the hub's queue answers; all others are forwarded to a replica.

In a real Gradio app, the first join of a session decides for the whole session: those of the app's own page stay in
Gradio's queue, everybody else's calls are jobs of the hub.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qs

import msgspec

from spaceport.api import AppContext
from spaceport.api.routes import Handled
from spaceport.errors import InvalidInput, NotFound
from spaceport.hub.identity.caller import Identity
from spaceport.hub.queues.description import Kind
from spaceport.hub.queues.files import QueueFiles
from spaceport.hub.queues.remote_endpoint import RemoteEndpoint
from spaceport.wire.documents import API_PREFIX, FILE_PREFIX

HEARTBEAT = f"{API_PREFIX}/heartbeat/"
_MAX_SESSIONS = 100_000
_LARGE = 64 << 10
T = TypeVar("T")


def fields_of(body: bytes) -> dict[str, Any]:
    """The fields of a JSON object, to find the session in it; empty for any other body, which the app will refuse."""
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


class Routing:
    """One Space's. `kind` follows the Space's description."""

    def __init__(self, context: AppContext, files: QueueFiles) -> None:
        self.kind = Kind.PROXIED
        self._context = context
        self._files = files
        self._proxied: OrderedDict[str, None] = OrderedDict()
        """Sessions whose calls stay in the app's own queue."""

    def may_take(self, handled: Handled, method: str, query: str) -> bool:
        """Whether a request may be the queue's; `takes` decides, with more knowledge of it."""
        if self.kind is Kind.PROXIED:
            return False
        if handled is Handled.DOCUMENT:
            return method == "GET" and "page=" not in query and "deep_link=" not in query
        return handled is not Handled.APP

    async def takes(self, handled: Handled, scope: Mapping[str, Any], path: str, query: str, body: bytes) -> bool:
        """Whether a request that `may_take` accepted is the queue's. `body` is needed for `QUEUE` and `DIRECT` only.

        Raises `InvalidInput` for a call that the app itself runs, and that names somebody else's uploads.
        """
        if handled is Handled.FILE:
            return await asyncio.to_thread(self._has_file, path.removeprefix(FILE_PREFIX), scope["identity"])
        if self.kind is Kind.OURS or handled not in (Handled.QUEUE, Handled.DIRECT) or path.startswith(HEARTBEAT):
            return True
        if handled is Handled.DIRECT:
            await self.check_uploads(body, scope["identity"])
            return False
        name = path.removeprefix(f"{API_PREFIX}/").strip("/")
        if name == "queue/status":
            return False
        if name == "queue/data":
            return (parse_qs(query).get("session_hash") or [""])[0] not in self._proxied
        fields = await _in_thread_if_large(fields_of, body)
        session = fields.get("session_hash")
        if name == "queue/join":
            if self._takes_join(scope, session, fields.get("fn_index")):
                return True
            self._check_uploads(fields, scope["identity"])
            return False
        return session not in self._proxied or await self._context.engine.find(str(fields.get("event_id"))) is not None

    def _takes_join(self, scope: Mapping[str, Any], session: Any, index: Any) -> bool:
        """Whether a session's calls are the queue's, which its first join decides."""
        if not isinstance(session, str):
            return True
        if session in self._proxied:
            self._proxied.move_to_end(session)
            return False
        streams = self._takes_streams(index)
        if self._context.sessions.get(session) is not None and not streams:
            return True
        if streams or _is_from_page(scope):
            self._proxied[session] = None
            while len(self._proxied) > _MAX_SESSIONS:
                self._proxied.popitem(last=False)
            return False
        return True

    def _takes_streams(self, index: Any) -> bool:
        """Whether an endpoint takes its input piece by piece, which only the app itself can follow."""
        try:
            endpoint = self._context.catalog.get_endpoint_by_index(index)
        except (NotFound, TypeError):
            return False
        return isinstance(endpoint, RemoteEndpoint) and endpoint.streams

    async def check_uploads(self, body: bytes, identity: Identity) -> None:
        """Raise `InvalidInput` for a body that names somebody else's uploads, or that is not JSON."""

        def check(body: bytes) -> None:
            try:
                fields = msgspec.json.decode(body)
            except (ValueError, RecursionError) as error:
                raise InvalidInput(f"The body is not valid JSON: {error}") from None
            self._check_uploads(fields, identity)

        await _in_thread_if_large(check, body)

    def _check_uploads(self, fields: Any, identity: Identity) -> None:
        for _ in self._files.find_uploads(fields, _name_of(identity)):
            pass

    def _has_file(self, path: str, identity: Identity) -> bool:
        try:
            self._files.readable(path, _name_of(identity))
        except (NotFound, OSError, ValueError):
            return self._files.leads_to_upload(path)  # the queue refuses it; the app would not
        return True


async def _in_thread_if_large(work: Callable[[bytes], T], body: bytes) -> T:
    """Keep the event loop free of bodies that take long to read."""
    return work(body) if len(body) < _LARGE else await asyncio.to_thread(work, body)


def _name_of(identity: Identity) -> str:
    return "" if identity.owner is None else identity.owner.name


def _is_from_page(scope: Mapping[str, Any]) -> bool:
    """Whether the app's own page sent the request: it says so, or comes from the app's origin."""
    headers = dict(scope["headers"])
    sender = headers.get(b"x-gradio-user")
    if sender is not None:
        return bool(sender == b"app")
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    return bool(origin == f"{scope['scheme']}://{host}")
