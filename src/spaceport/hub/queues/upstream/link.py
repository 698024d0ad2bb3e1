"""The hub's end of a link (`wire.link`): exchanges with a replica of ours over one connection.

While there is no link, and with a Space whose own version of Spaceport has none, the same requests are sent over HTTP.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import cast

from spaceport.client.errors import ConnectionFailed, RequestTimeout
from spaceport.client.transport.base import Headers
from spaceport.errors import SpaceportError
from spaceport.hub.queues.upstream.http import READ_TIMEOUT_S, PendingResponse, ReplicaHttp
from spaceport.wire import link
from spaceport.wire.documents import API_PREFIX

_CONNECT_TIMEOUT_S = 10.0
_CHECK_INTERVAL_S = 5.0
"""How often exchanges are checked for replicas that have fallen silent."""
_FRAMES_A_TURN = 16
"""How many frames of a connection are taken in one turn of the event loop."""
_BYTES_A_TURN = 64 << 10
"""No further frame is taken in a turn after so many bytes."""
_HIGH_WATER = 4 << 20
_LOW_WATER = 1 << 20
"""The connection is not read while some response has more than `_HIGH_WATER` bytes that its reader has not taken, until
it has fewer than `_LOW_WATER`."""


class Link:
    """Belongs to the event loop that first sends on it. `close` it in the end."""

    def __init__(self, http: ReplicaHttp) -> None:
        self._http = http
        self._connection: _Connection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._unsupported = False
        """Set once the replica has turned out not to speak the protocol."""

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None, *, query: str = ""
    ) -> LinkResponse | PendingResponse:
        """As `ReplicaHttp.ask`."""
        connection = self._connection
        if connection is None or not connection.ready:
            if self._connecting is None and not self._unsupported:
                self._connecting = asyncio.ensure_future(self._connect())
            return self._http.ask(method, path, headers, body, query=query)
        if body is not None and len(body) > link.MAX_BODY:
            return self._http.ask(method, path, headers, body, query=query)
        fields = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        fields.append(self._http.host)
        request = link.Request(
            connection.next_number(), method, f"{API_PREFIX}/{path}", query.encode("latin-1"), fields, body or b""
        )
        return LinkResponse(connection, request)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            made = loop.create_connection(lambda: _Connection(loop, self._http.name), *self._http.connect_to)
            connection = (await asyncio.wait_for(made, _CONNECT_TIMEOUT_S))[1]
            self._unsupported = not await connection.greeted
            self._connection = connection
        except (OSError, asyncio.TimeoutError):
            pass  # the next request tries again
        finally:
            self._connecting = None

    def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self._connection is not None:
            self._connection.close()


class _Connection(asyncio.Protocol):
    def __init__(self, loop: asyncio.AbstractEventLoop, name: str) -> None:
        self.name = name
        self.ready = False
        self.greeted: asyncio.Future[bool] = loop.create_future()
        """Whether the other end has sent the preface back."""
        self.loop = loop
        self._frames = link.Frames()
        self._received: deque[bytes] = deque()
        """Frames that wait for another turn of the event loop: a replica that says much does not hold up the others."""
        self._open: dict[int, LinkResponse] = {}
        self._behind: set[int] = set()
        """The numbers of the exchanges whose readers are behind."""
        self._paused = False
        self._last_number = 0
        self._greeting = b""
        self._outbox: link.Outbox | None = None
        """None while there is no connection."""
        self._check: asyncio.TimerHandle | None = None

    def next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def send(self, response: LinkResponse, request: link.Request) -> None:
        """Send a request. Raises `ConnectionFailed`."""
        if self._outbox is None:
            raise ConnectionFailed(f"The connection to {self.name} failed: it is closed.", sent=False)
        self._open[request.number] = response
        self._outbox.write(link.pack(request))
        if self._check is None:
            self._check = self.loop.call_later(_CHECK_INTERVAL_S, self._check_silent)

    def forget(self, number: int, *, complete: bool) -> None:
        """Nobody reads the exchange any more; the replica is told where the response is not `complete`."""
        self.set_behind(number, behind=False)
        if self._open.pop(number, None) is not None and not complete and self._outbox is not None:
            self._outbox.write(link.pack(link.Request(number, link.LEAVE)))

    def set_behind(self, number: int, *, behind: bool) -> None:
        """Stop reading the connection while some reader is behind."""
        (self._behind.add if behind else self._behind.discard)(number)
        self._pause_or_resume()

    def _pause_or_resume(self) -> None:
        """Read the connection while all readers keep up, and nothing that it said before waits."""
        pause = bool(self._behind or self._received)
        if self._outbox is not None and pause != self._paused:
            self._paused = pause
            transport = self._outbox.transport
            (transport.pause_reading if pause else transport.resume_reading)()

    def _check_silent(self) -> None:
        self._check = None
        if self._open:
            self._check = self.loop.call_later(_CHECK_INTERVAL_S, self._check_silent)
        late = self.loop.time() - READ_TIMEOUT_S
        for response in list(self._open.values()):
            if response.heard_at < late:
                response.fail(RequestTimeout(f"{self.name} did not answer in time."))

    def close(self) -> None:
        if self._outbox is not None:
            self._outbox.close()

    def abort(self) -> None:
        """Close the connection without waiting for a replica that may not read."""
        self.ready = False
        if self._outbox is not None:
            self._outbox.transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._outbox = link.Outbox(cast(asyncio.Transport, transport), self.loop)
        self._outbox.write(link.PREFACE)

    def data_received(self, data: bytes) -> None:
        if not self.ready:
            data = self._greet(data)
            if not data:
                return
        waiting = bool(self._received)
        try:
            self._received += self._frames.feed(data)
        except link.MalformedFrame:
            self.abort()
            return
        if not waiting:
            self._take_some()

    def _take_some(self) -> None:
        """Take the frames of one turn, and have others taken in the next one."""
        try:
            size = 0
            for _ in range(min(_FRAMES_A_TURN, len(self._received))):
                frame = self._received.popleft()
                self._take(frame)
                size += len(frame)
                if size >= _BYTES_A_TURN:
                    break
        except link.MalformedFrame:
            self._received.clear()
            self.abort()
            return
        if self._received:
            self.loop.call_soon(self._take_some)
        self._pause_or_resume()

    def _take(self, frame: bytes) -> None:
        part = link.part(frame)
        response = self._open.get(part.number)
        if response is not None:
            response.take(part)

    def _greet(self, data: bytes) -> bytes:
        """Returns what came after the preface."""
        self._greeting += data
        if self._greeting.startswith(link.PREFACE):
            self.ready = True
            self.greeted.set_result(True)
            return self._greeting[len(link.PREFACE) :]
        if not link.PREFACE.startswith(self._greeting):
            self.abort()
        return b""

    def connection_lost(self, error: Exception | None) -> None:
        self.ready = False
        self._outbox = None
        while self._received:
            self._take_some()
        if not self.greeted.done():
            self.greeted.set_result(False)
        if self._check is not None:
            self._check.cancel()
        for response in list(self._open.values()):
            response.fail(ConnectionFailed(f"The connection to {self.name} failed: {error or 'it was closed'}."))


class LinkResponse:
    """A request that is sent on entry, and its response, which is closed on exit. Implements `HttpResponse`."""

    __slots__ = (
        "_behind",
        "_chunks",
        "_complete",
        "_connection",
        "_error",
        "_held",
        "_request",
        "_waiter",
        "headers",
        "heard_at",
        "status",
    )

    def __init__(self, connection: _Connection, request: link.Request) -> None:
        self.status = 0
        self.headers: Headers = []
        self.heard_at = 0.0
        self._connection = connection
        self._request = request
        self._chunks: deque[bytes] = deque()
        self._held = 0
        """Bytes in `_chunks`."""
        self._behind = False
        self._complete = False
        self._error: SpaceportError | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def __aenter__(self) -> LinkResponse:
        self.heard_at = self._connection.loop.time()
        self._connection.send(self, self._request)
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
            if self._complete:
                raise StopAsyncIteration
            await self._wait()
        chunk = self._chunks.popleft()
        self._held -= len(chunk)
        if self._behind and self._held < _LOW_WATER:
            self._set_behind(behind=False)
        return chunk

    async def close(self) -> None:
        self._connection.forget(self._request.number, complete=self._complete)

    async def _wait(self) -> None:
        if self._error is None:
            self._waiter = self._connection.loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._error is not None and not self._chunks:
            raise self._error

    def take(self, part: link.Part) -> None:
        self.heard_at = self._connection.loop.time()
        if self._complete:
            raise link.MalformedFrame(f"The response {part.number} goes on after its end.")
        if part.status and self.status:
            raise link.MalformedFrame(f"The response {part.number} has a second status.")
        if part.status:
            self.status, self.headers = part.status, part.headers
        if part.chunk:
            self._chunks.append(part.chunk)
            self._held += len(part.chunk)
            if self._held > _HIGH_WATER and not self._behind:
                self._set_behind(behind=True)
        if part.follows == link.LAST and not self.status:
            self._error = ConnectionFailed(f"{self._connection.name} answered without a status.")
        elif part.follows == link.LAST:
            self._complete = True
        elif part.follows == link.BROKEN:
            self._error = ConnectionFailed(f"{self._connection.name} broke off its answer.")
        self._wake()

    def _set_behind(self, *, behind: bool) -> None:
        self._behind = behind
        self._connection.set_behind(self._request.number, behind=behind)

    def fail(self, error: SpaceportError) -> None:
        if self._error is None and not self._complete:
            self._error = error
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
