"""The hub's end of a link (`wire.link`): exchanges with a replica of ours over one connection.

While there is none, and with a Space whose own version of Spaceport knows none, they are requests of HTTP, which mean
the same.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import cast

import msgspec

from spaceport.client.errors import ConnectionFailed, RequestTimeout
from spaceport.client.transport.base import Headers
from spaceport.errors import SpaceportError
from spaceport.hub.queues.upstream.http import READ_S, PendingResponse, ReplicaHttp
from spaceport.wire import link
from spaceport.wire.documents import API_PREFIX

_CONNECT_S = 10.0
_LOOK_S = 5.0
"""How often it is looked for exchanges that hear nothing."""


class Link:
    """`close` it. Belongs to the event loop that first asks."""

    def __init__(self, line: ReplicaHttp) -> None:
        self._line = line
        self._wire: _Wire | None = None
        self._making: asyncio.Task[None] | None = None
        self._unknown = False
        """The replica does not know what a link is."""

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None, *, query: str = ""
    ) -> LinkResponse | PendingResponse:
        """As `ReplicaHttp.ask`."""
        wire = self._wire
        if wire is None or not wire.ready:
            if self._making is None and not self._unknown:
                self._making = asyncio.ensure_future(self._make())
            return self._line.ask(method, path, headers, body, query=query)
        fields = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        fields.append(self._line.host)
        asked = link.Request(
            wire.number(), method, f"{API_PREFIX}/{path}", query.encode("latin-1"), fields, body or b""
        )
        return LinkResponse(wire, asked)

    async def _make(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            made = loop.create_connection(lambda: _Wire(loop, self._line.name), *self._line.connect_to)
            wire = (await asyncio.wait_for(made, _CONNECT_S))[1]
            self._unknown = not await wire.greeted
            self._wire = wire
        except (OSError, asyncio.TimeoutError):
            pass  # the next one who asks tries again
        finally:
            self._making = None

    def close(self) -> None:
        if self._making is not None:
            self._making.cancel()
        if self._wire is not None:
            self._wire.close()


class _Wire(asyncio.Protocol):
    """The connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str) -> None:
        self.name = name
        self.ready = False
        self.greeted: asyncio.Future[bool] = loop.create_future()
        """Whether the other end answered as a link does."""
        self.loop = loop
        self._frames = link.Frames()
        self._open: dict[int, LinkResponse] = {}
        self._last = 0
        self._heard = b""
        self._transport: asyncio.Transport | None = None
        self._look: asyncio.TimerHandle | None = None

    def number(self) -> int:
        self._last += 1
        return self._last

    def begin(self, exchange: LinkResponse, request: link.Request) -> None:
        """Raises `ConnectionFailed`."""
        if self._transport is None:
            raise ConnectionFailed(f"The connection to {self.name} failed: it is closed.", sent=False)
        self._open[request.number] = exchange
        self._transport.write(link.pack(request))
        if self._look is None:
            self._look = self.loop.call_later(_LOOK_S, self._look_for_silent)

    def end(self, number: int, *, whole: bool) -> None:
        if self._open.pop(number, None) is not None and not whole and self._transport is not None:
            self._transport.write(link.pack(link.Request(number, link.LEAVE)))

    def _look_for_silent(self) -> None:
        self._look = None
        if self._open:
            self._look = self.loop.call_later(_LOOK_S, self._look_for_silent)
        late = self.loop.time() - READ_S
        for exchange in list(self._open.values()):
            if exchange.heard_at < late:
                exchange.fail(RequestTimeout(f"{self.name} did not answer in time."))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(link.PREFACE)

    def data_received(self, data: bytes) -> None:
        if not self.ready:
            data = self._greet(data)
            if not data:
                return
        try:
            for frame in self._frames.feed(data):
                part = link.part(frame)
                exchange = self._open.get(part.number)
                if exchange is not None:
                    exchange.take(part)
        except msgspec.DecodeError:
            self.close()

    def _greet(self, data: bytes) -> bytes:
        """What came after the preface."""
        self._heard += data
        if self._heard.startswith(link.PREFACE):
            self.ready = True
            self.greeted.set_result(True)
            return self._heard[len(link.PREFACE) :]
        if not link.PREFACE.startswith(self._heard):
            self.close()
        return b""

    def connection_lost(self, error: Exception | None) -> None:
        self.ready = False
        self._transport = None
        if not self.greeted.done():
            self.greeted.set_result(False)
        if self._look is not None:
            self._look.cancel()
        for exchange in list(self._open.values()):
            exchange.fail(ConnectionFailed(f"The connection to {self.name} failed: {error or 'it was closed'}."))


class LinkResponse:
    """A request, to be entered; then it is its answer, which is closed with it. Implements `HttpResponse`."""

    __slots__ = (
        "_asked",
        "_chunks",
        "_error",
        "_number",
        "_waiter",
        "_whole",
        "_wire",
        "headers",
        "heard_at",
        "status",
    )

    def __init__(self, wire: _Wire, asked: link.Request) -> None:
        self.status = 0
        self.headers: Headers = []
        self.heard_at = 0.0
        self._wire = wire
        self._asked = asked
        self._chunks: deque[bytes] = deque()
        self._whole = False
        self._error: SpaceportError | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def __aenter__(self) -> LinkResponse:
        self.heard_at = self._wire.loop.time()
        self._wire.begin(self, self._asked)
        try:
            while not self.status:
                await self._wait()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def chunks(self) -> AsyncIterator[bytes]:
        return self

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._chunks:
            if self._whole:
                raise StopAsyncIteration
            await self._wait()
        return self._chunks.popleft()

    async def close(self) -> None:
        self._wire.end(self._asked.number, whole=self._whole)

    async def _wait(self) -> None:
        if self._error is None:
            self._waiter = self._wire.loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._error is not None and not self._chunks:
            raise self._error

    def take(self, part: link.Part) -> None:
        self.heard_at = self._wire.loop.time()
        if part.status:
            self.status, self.headers = part.status, part.headers
        if part.chunk:
            self._chunks.append(part.chunk)
        if part.follows == link.LAST:
            self._whole = True
        elif part.follows == link.BROKEN:
            self._error = ConnectionFailed(f"{self._wire.name} broke off its answer.")
        self._wake()

    def fail(self, error: SpaceportError) -> None:
        if self._error is None and not self._whole:
            self._error = error
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
