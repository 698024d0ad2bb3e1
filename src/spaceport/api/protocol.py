"""uvicorn's HTTP protocol with three changes: a request's head has a deadline, an answer's head waits for its body, and
an answer that is whole can be given in one step.

Who sends a head byte by byte is not waited for. And uvicorn writes the head of an answer by itself: a system call
more, and a wake-up of the reader, who has to come back for the body.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from spaceport.api.exchange import WHOLE, Headers, Send


def http_protocol(head_s: float) -> type[HttpToolsProtocol]:
    """The protocol for `uvicorn.Config`: a head is there `head_s` after its connection was made, or its first byte."""
    return type("SpaceportProtocol", (_Protocol,), {"head_s": head_s})


class _Whole:
    """Gives a whole answer in one write, past the two messages of ASGI: a tenth of what a small request costs."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle

    def __call__(self, send: Send, status: int, headers: Headers, body: bytes) -> bool:
        """False: not here, use `send`. `headers` tell the length of the body. Raises `ValueError` for a line break."""
        cycle = self._cycle
        if getattr(send, "__self__", None) is not cycle:  # somebody stands between, who may want to see it
            return False
        if cycle.response_started or cycle.disconnected or not cycle.keep_alive or cycle.flow.write_paused:
            return False
        lines = [b"%s: %s\r\n" % pair for pair in (*cycle.default_headers, *headers)]
        head = b"".join(lines)
        if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines) or b"\0" in head:
            raise ValueError("a header of the answer has a line break in it")
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        cycle.message_event.set()
        cycle.on_response()
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
    _late: asyncio.TimerHandle | None = None
    _in_head = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.transport = _Gathering(transport, self.loop)  # type: ignore[assignment]
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and self._late is None:  # most heads come whole: no timer then
            self._wait()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop()
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            self.scope[WHOLE] = _Whole(self.cycle)  # type: ignore[literal-required]

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.head_s, self._hang_up)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _hang_up(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
