"""uvicorn's HTTP protocol, with seven changes.

- Clients that trickle headers (slow loris) are disconnected.
- The head of a request has a bound, and so have the trailers of a chunked body, which are no headers of the request.
- Headers and body of a response leave in one write: uvicorn makes two system calls, and wakes the reader twice.
- A complete response can be sent in one step, past ASGI's two messages.
- A usual request creates no timer and no event, and leaves nothing to the garbage collector.
- Who streams is called when the client disconnects, instead of having a task that waits for it.
- A hub may turn a connection into its link (`api.link`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from spaceport.api.asgi import Headers, Send
from spaceport.api.context import AppContext
from spaceport.api.exchange import SEND_RESPONSE
from spaceport.api.link import LinkProtocol
from spaceport.wire.link import PREFACE

_COPIED = 64 << 10
"""Bytes of a body that is copied to leave in one piece with its head."""
_MAX_HEAD = 64 << 10
"""Bytes that may arrive without completing a head or a piece of a body, and those of one read from the socket more."""


def http_protocol(head_s: float, links: Callable[[], AppContext | None] | None = None) -> type[HttpToolsProtocol]:
    """Make the protocol class for `uvicorn.Config`. `head_s`: how long the head of a request may take to arrive.

    With `links`, which returns the context that is served, clients may speak the link instead of HTTP.
    """
    own = {"head_s": head_s, "_may_link": links is not None, "_context": staticmethod(links or (lambda: None))}
    return type("SpaceportProtocol", (_Protocol,), own)


class _Event:
    """An `asyncio.Event` that is created when somebody waits for it, which few do."""

    __slots__ = ("_event", "_is_set")

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None
        self._is_set = False

    def set(self) -> None:
        self._is_set = True
        if self._event is not None:
            self._event.set()

    def clear(self) -> None:
        self._is_set = False
        if self._event is not None:
            self._event.clear()

    async def wait(self) -> None:
        if not self._is_set:
            if self._event is None:
                self._event = asyncio.Event()
            await self._event.wait()


class _Cycle(RequestResponseCycle):
    """A request and its response."""

    def __init__(self, protocol: _Protocol, keep_alive: bool) -> None:
        self.protocol = protocol
        self.scope = protocol.scope
        self.transport = protocol.transport
        self.flow = protocol.flow
        self.logger = protocol.logger
        self.access_logger = protocol.access_logger
        self.access_log = protocol.access_log
        self.default_headers = protocol.server_state.default_headers
        self.message_event = _Event()  # type: ignore[assignment]
        self.on_response = protocol.on_response_complete
        self.disconnected = False
        self.keep_alive = keep_alive
        self.waiting_for_100_continue = protocol.expect_100_continue
        self.body = bytearray()
        self.more_body = True
        self.response_started = False
        self.response_complete = False
        self.chunked_encoding = None
        self.expected_content_length = 0

    def call_on_disconnect(self, call: Callable[[], None] | None) -> None:
        """Call `call` when the connection is lost, soon if it is already; None: no more."""
        self.protocol.on_lost = call
        self.flow.resume_reading()
        if call is not None and self.protocol.is_lost:
            self.protocol.loop.call_soon(call)

    def send_response(self, status: int, headers: Headers, body: bytes) -> bool:
        """As the function `_send_response`, for the response of this request."""
        if self.response_started or self.disconnected or not self.keep_alive or self.flow.write_paused:
            return False
        lines = [b"%s: %s\r\n" % pair for pair in (*self.default_headers, *headers)]
        head = b"".join(lines)
        if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines) or b"\0" in head:
            raise ValueError("a header of the answer has a line break in it")
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        buffer, head = self.protocol.buffer, STATUS_LINE[status] + head + b"\r\n"
        if len(body) <= _COPIED:
            buffer.write_response(head + body)
        else:
            buffer.write_response(head)
            buffer.write_response(body)
        self.message_event.set()
        self.on_response()
        return True


def _send_response(send: Send, status: int, headers: Headers, body: bytes) -> bool:
    """Send a complete response in one write, without ASGI's two messages, which cost a tenth of a small request.

    `headers` must contain Content-Length. Returns False if it cannot be done here: then use `send`. Raises
    `ValueError` for a line break in a header.
    """
    cycle = getattr(send, "__self__", None)  # a middleware that stands in between may want to see the messages
    return isinstance(cycle, _Cycle) and cycle.send_response(status, headers, body)


class _HeadBuffer:
    """Buffers response headers so that headers and body leave in one write."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

    def write(self, data: bytes) -> None:
        if self._held:
            data, self._held = self._held + data, b""
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n"):  # a body like that is kept for a turn
            self._held = data
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def write_response(self, data: bytes) -> None:
        """Write a complete response at once."""
        self._flush()
        self._transport.write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._flush()
        self._transport.set_protocol(protocol)

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Protocol(HttpToolsProtocol):
    head_s: float
    _may_link: bool
    _context: Callable[[], AppContext | None]
    _head_deadline: asyncio.TimerHandle | None = None
    _in_head = False
    _uses_uvicorn = False
    """Set for a request that uvicorn's own, slower code handles."""
    _idle_since: float | None = None
    _unparsed = 0
    """Bytes since the last complete head or piece of a body."""
    on_lost: Callable[[], None] | None = None
    """Called when the connection is lost."""
    is_lost = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._raw = transport
        self.transport = self.buffer = _HeadBuffer(transport, self.loop)  # type: ignore[assignment]
        self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)
        self.is_lost = True
        if self.cycle is not None and self.cycle.response_complete:
            self.cycle = None  # type: ignore[assignment]  # it refers to this object: break the circle
        if self.on_lost is not None:
            self.on_lost()

    def data_received(self, data: bytes) -> None:
        if self._may_link:
            self._may_link = False
            if data == PREFACE:
                self._become_link()
                return
        self._unparsed += len(data)
        super().data_received(data)
        if self._unparsed > _MAX_HEAD:
            self._refuse_head()
        if self._in_head and self._head_deadline is None:  # most heads come whole: no timer then
            self._start_head_timer()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._unparsed = 0
        self._stop_head_timer()
        url, parser = self.url, self.parser
        plain = parser.get_http_version() == "1.1" and url.startswith(b"/") and b"#" not in url
        self._uses_uvicorn = (
            not plain or parser.should_upgrade() or self.limit_concurrency is not None or self.root_path != ""
        )
        if self._uses_uvicorn:
            super().on_headers_complete()
            return
        scope = self.scope
        self.headers = []  # of trailers: those of the request are in the scope
        path, _, query = url.partition(b"?")
        text = path.decode("ascii")
        scope["method"] = parser.get_method().decode("ascii")
        scope["path"] = unquote(text) if "%" in text else text
        scope["raw_path"] = path
        scope["query_string"] = query
        before = self.cycle
        self.cycle = cycle = _Cycle(self, parser.should_keep_alive())
        scope[SEND_RESPONSE] = _send_response  # type: ignore[literal-required]
        if before is None or before.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:  # it came before the answer to the one before
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def on_body(self, body: bytes) -> None:
        cycle = self.cycle
        self._unparsed = 0
        if self._uses_uvicorn:
            super().on_body(body)
        elif not cycle.response_complete:
            cycle.body += body
            if len(cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            cycle.message_event.set()

    def on_message_complete(self) -> None:
        cycle = self.cycle
        if self._uses_uvicorn:
            super().on_message_complete()
        elif not cycle.response_complete:
            cycle.more_body = False
            cycle.message_event.set()

    def on_response_complete(self) -> None:
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self._check_idle)

    def _unset_keepalive_if_required(self) -> None:
        """One timer checks now and then how long the connection has been idle; requests neither start nor stop it."""
        self._idle_since = None

    def _check_idle(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_since is None or self.transport.is_closing():
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self._check_idle)
        else:
            self.timeout_keep_alive_handler()

    def _become_link(self) -> None:
        self._stop_head_timer()
        self.connections.discard(self)
        link = LinkProtocol(self.app, self._context, self.connections, self.tasks)
        self.transport.set_protocol(link)
        link.connection_made(self._raw)

    def _start_head_timer(self) -> None:
        self._head_deadline = self.loop.call_later(self.head_s, self._hang_up)

    def _stop_head_timer(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _refuse_head(self) -> None:
        """Answer 431, unless an answer is on its way, and hang up."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self._raw.write(STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _hang_up(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
