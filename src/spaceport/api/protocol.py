"""uvicorn's HTTP protocol with some changes: a request's head has a deadline, an answer's head waits for its body, an
answer that is whole can be given in one step, a usual request costs less, and a hub may make a connection its link
(`api.link`).

Who sends a head byte by byte is not waited for. And uvicorn writes the head of an answer by itself: a system call
more, and a wake-up of the reader, who has to come back for the body.
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
from spaceport.api.exchange import WHOLE
from spaceport.api.link import LinkProtocol
from spaceport.wire.link import PREFACE


def http_protocol(head_s: float, links: Callable[[], AppContext | None] | None = None) -> type[HttpToolsProtocol]:
    """The protocol for `uvicorn.Config`: a head is there `head_s` after its connection was made, or its first byte.

    With `links` whoever connects may speak the link instead of HTTP; it gives the surface that is served.
    """
    own = {"head_s": head_s, "_may_link": links is not None, "_context": staticmethod(links or (lambda: None))}
    return type("SpaceportProtocol", (_Protocol,), own)


class _Event:
    """An `asyncio.Event` that is made when somebody has to wait: few do."""

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
    """A request and its answer."""

    def __init__(self, protocol: _Protocol, keep_alive: bool) -> None:
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

    def whole(self, send: Send, status: int, headers: Headers, body: bytes) -> bool:
        """A whole answer in one write, past the two messages of ASGI: a tenth of what a small request costs.

        False: not here, use `send`. `headers` tell the length of the body. Raises `ValueError` for a line break.
        """
        if getattr(send, "__self__", None) is not self:  # somebody stands between, who may want to see it
            return False
        if self.response_started or self.disconnected or not self.keep_alive or self.flow.write_paused:
            return False
        lines = [b"%s: %s\r\n" % pair for pair in (*self.default_headers, *headers)]
        head = b"".join(lines)
        if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines) or b"\0" in head:
            raise ValueError("a header of the answer has a line break in it")
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.write_now(STATUS_LINE[status] + head + b"\r\n" + body)
        self.message_event.set()
        self.on_response()
        del self.scope[WHOLE]  # what is in it knows the scope
        return True


class _Gathering:
    """A transport that keeps the head of an answer for its body, or until the event loop's next turn."""

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

    def write_now(self, data: bytes) -> None:
        """A whole answer."""
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
    _late: asyncio.TimerHandle | None = None
    _in_head = False
    _unusual = False
    """Whether the request is left to uvicorn's own, slower ways."""
    _rests_since: float | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._raw = transport
        self.transport = _Gathering(transport, self.loop)  # type: ignore[assignment]
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._may_link:
            self._may_link = False
            if data == PREFACE:
                self._become_link()
                return
        super().data_received(data)
        if self._in_head and self._late is None:  # most heads come whole: no timer then
            self._wait()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop()
        url, parser = self.url, self.parser
        plain = parser.get_http_version() == "1.1" and url.startswith(b"/") and b"#" not in url
        self._unusual = (
            not plain or parser.should_upgrade() or self.limit_concurrency is not None or self.root_path != ""
        )
        if self._unusual:
            super().on_headers_complete()
            return
        scope = self.scope
        path, _, query = url.partition(b"?")
        text = path.decode("ascii")
        scope["method"] = parser.get_method().decode("ascii")
        scope["path"] = unquote(text) if "%" in text else text
        scope["raw_path"] = path
        scope["query_string"] = query
        before = self.cycle
        self.cycle = cycle = _Cycle(self, parser.should_keep_alive())
        scope[WHOLE] = cycle.whole  # type: ignore[literal-required]
        if before is None or before.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:  # it came before the answer to the one before
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def on_body(self, body: bytes) -> None:
        cycle = self.cycle
        if self._unusual:
            super().on_body(body)
        elif not cycle.response_complete:
            cycle.body += body
            if len(cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            cycle.message_event.set()

    def on_message_complete(self) -> None:
        cycle = self.cycle
        if self._unusual:
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
        self._rests_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self._look_at_rest)

    def _unset_keepalive_if_required(self) -> None:
        """One timer looks now and then how long the connection has rested; a request sets none and stops none."""
        self._rests_since = None

    def _look_at_rest(self) -> None:
        self.timeout_keep_alive_task = None
        if self._rests_since is None or self.transport.is_closing():
            return
        left = self._rests_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self._look_at_rest)
        else:
            self.timeout_keep_alive_handler()

    def _become_link(self) -> None:
        self._stop()
        self.connections.discard(self)
        link = LinkProtocol(self.app, self._context, self.connections, self.tasks)
        self.transport.set_protocol(link)
        link.connection_made(self._raw)

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.head_s, self._hang_up)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _hang_up(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
