"""One HTTP request and its response, directly on ASGI: no more than the hot routes need."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from spaceport.api.asgi import Headers, Receive, Scope, Send
from spaceport.api.context import AppContext
from spaceport.api.origins import host_of
from spaceport.errors import ClientGone, TooLarge
from spaceport.wire.json import encode

SEND_RESPONSE = "spaceport.send_response"
"""The key in an ASGI scope of a function that sends a complete response in one step (see api.protocol)."""
_PIECE = 256 << 10
"""Bytes of a stream that are sent at once: the server copies each chunk into one with its length."""
JSON = b"application/json"
STREAM = b"text/event-stream; charset=utf-8"
_STREAMED: Headers = [
    (b"content-type", STREAM),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class HttpExchange:
    """`headers` maps lower-case names to values. `extra` holds headers that any response to this request carries."""

    __slots__ = ("_request_id", "context", "extra", "headers", "method", "receive", "scope", "send", "started", "user")

    def __init__(self, context: AppContext, scope: Scope, receive: Receive, send: Send) -> None:
        self.context = context
        self.scope = scope
        self.method: str = scope["method"]
        self.receive = receive
        self.send = send
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.extra: Headers = []
        self.started = False
        self.user: str | None = None
        self._request_id: str | None = None

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    @property
    def host(self) -> str:
        """The host that the caller addressed, with its port; a trusted proxy's word where there is one."""
        if self.context.options.behind_hub and b"x-gradio-server" in self.headers:
            return self.header(b"x-gradio-server").partition("://")[2].partition("/")[0]
        return host_of(self.headers, trust_forwarded=self.context.options.trust_forwarded)

    @property
    def client(self) -> str:
        """The address that the request comes from, or an empty text."""
        if self.context.options.trust_forwarded:
            forwarded = self.header(b"x-forwarded-for").rpartition(",")[2].strip()  # what the proxy itself has added
            if forwarded:
                return forwarded
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    @property
    def caller_key(self) -> str:
        """Whose budgets the request counts against: the user's, else its address's."""
        return f"user:{self.user}" if self.user else f"address:{self.client}"

    @property
    def params(self) -> dict[str, str]:
        """The values of the `{…}` in the route's path."""
        found: dict[str, str] = self.scope.get("path_params", {})
        return found

    @property
    def request_id(self) -> str:
        """The caller's own `X-Request-Id` if it is short and printable, else a fresh one."""
        if self._request_id is None:
            given = self.header(b"x-request-id")
            usable = 0 < len(given) <= 128 and given.isprintable() and given.isascii()
            self._request_id = given if usable else os.urandom(8).hex()
        return self._request_id

    def header(self, name: bytes) -> str:
        """The value of a header, or an empty string."""
        return self.headers.get(name, b"").decode("latin-1")

    def query(self, name: str) -> str | None:
        """The first value of a query parameter; None if there is none."""
        raw = self.scope["query_string"]
        if not raw:
            return None
        for part in raw.decode("latin-1").split("&"):
            key, _, value = part.partition("=")
            if unquote_plus(key) == name:
                return unquote_plus(value)
        return None

    def accepts(self, kind: bytes) -> bool:
        return kind in self.headers.get(b"accept", b"")

    def call_on_disconnect(self, call: Callable[[], None] | None) -> bool:
        """Call `call` when the client disconnects; None: no more. Returns False where the server only tells who waits
        for it in `receive`."""
        register = getattr(getattr(self.receive, "__self__", None), "call_on_disconnect", None)
        if register is None:
            return False
        register(call)
        return True

    async def body(self, limit: int, timeout_s: float) -> bytes:
        """Read the body. Raises `TooLarge` above `limit` bytes, `ClientGone` if it is incomplete after `timeout_s`."""
        declared = self.headers.get(b"content-length")
        if declared is not None and int(declared) > limit:
            raise TooLarge(f"The body has {int(declared)} bytes; at most {limit} are taken.")
        if getattr(getattr(self.receive, "__self__", None), "more_body", True) is False:  # all of it is there
            return await self._read_body(limit)
        try:
            return await asyncio.wait_for(self._read_body(limit), timeout_s)
        except asyncio.TimeoutError:
            raise ClientGone(f"The body did not arrive within {timeout_s:g} s.") from None

    async def _read_body(self, limit: int) -> bytes:
        message = await self.receive()
        chunk: bytes = message.get("body", b"")
        if not message.get("more_body", False) and message["type"] == "http.request":
            if len(chunk) > limit:
                raise TooLarge(f"The body is larger than {limit} bytes.")
            return chunk
        chunks: list[bytes] = []
        size = 0
        while True:
            if message["type"] == "http.disconnect":
                raise ClientGone("The connection was closed before the body was complete.")
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > limit:
                raise TooLarge(f"The body is larger than {limit} bytes.")
            if not message.get("more_body", False):
                return b"".join(chunks)
            message = await self.receive()

    async def reply(self, status: int, body: bytes, kind: bytes = JSON, headers: Headers | None = None) -> None:
        """Send a complete response, which the server writes in one piece."""
        self.started = True
        base: Headers = [(b"content-length", b"%d" % len(body)), (b"content-type", kind), *self.extra]
        if headers:
            base += headers
        await self._send_response(status, base, b"" if self.method == "HEAD" else body)

    async def _send_response(self, status: int, headers: Headers, body: bytes) -> None:
        send_response = self.scope.get(SEND_RESPONSE)
        if send_response is not None and send_response(self.send, status, headers, body):
            return
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def json(self, value: Any, status: int = 200, headers: Headers | None = None) -> None:
        await self.reply(status, encode(value), JSON, headers)

    async def redirect(self, location: str, headers: Headers | None = None) -> None:
        await self.reply(302, b"", b"text/plain", [(b"location", location.encode("latin-1")), *(headers or [])])

    async def open_stream(self, headers: Headers | None = None) -> None:
        """Start an event stream, with headers that keep proxies from caching, changing or buffering it."""
        self.started = True
        base: Headers = [*_STREAMED, *self.extra]
        if headers:
            base += headers
        await self.send({"type": "http.response.start", "status": 200, "headers": base})

    async def send_finished_stream(self, chunk: bytes) -> None:
        """Send a complete event stream with Content-Length instead of chunks."""
        self.started = True
        await self._send_response(200, [(b"content-length", b"%d" % len(chunk)), *_STREAMED, *self.extra], chunk)

    async def write(self, chunk: bytes, *, more: bool = True) -> None:
        """Send a chunk of a stream; a large one in pieces, with turns of the event loop in between."""
        if len(chunk) > _PIECE:
            last = (len(chunk) - 1) // _PIECE * _PIECE
            for start in range(0, last, _PIECE):
                await self.send(
                    {"type": "http.response.body", "body": chunk[start : start + _PIECE], "more_body": True}
                )
                await asyncio.sleep(0)
            chunk = chunk[last:]
        await self.send({"type": "http.response.body", "body": chunk, "more_body": more})
