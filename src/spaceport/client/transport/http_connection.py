"""One HTTP/1.1 connection of the client, and the request on it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import cast

import httptools

from spaceport.client.errors import ConnectionFailed, RequestTimeout
from spaceport.client.transport.base import Content, Headers, Origin, Timeouts
from spaceport.errors import SpaceportError

IDLE_S = 30.0
"""Seconds until an idle connection is closed."""
_BUFFER_MAX = 256 << 10
"""Bytes of a body that wait for the reader before the connection stops reading."""
_HEAD_MAX = 256 << 10


class HttpConnection(asyncio.Protocol):
    """One connection and, while it is busy, the request and response on it.

    idle ──ask──► busy ──body read to its end, close──► idle
                   └──anything else──► aborted
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        origin: Origin,
        back: Callable[[HttpConnection], None],
        gone: Callable[[HttpConnection], None],
    ) -> None:
        self.origin = origin
        self.status = 0
        self.headers: Headers = []
        self.answered = False
        """Whether any byte of the response has come."""
        self.gone: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._back = back
        self._on_gone = gone
        self._idle_since: float | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._can_write = True
        self._begin("GET", None, idle=True)

    def _begin(self, method: str, read_s: float | None, *, idle: bool = False) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._read_s = read_s
        self._no_body = method == "HEAD"
        self.status, self.headers, self.answered = 0, [], False
        self._head_size = 0
        self._complete = idle
        self._head = self._sent = self._sized = self._keep = False
        self._error: SpaceportError | None = None
        self._chunks: deque[bytes] = deque()
        self._held = 0
        self._paused = False

    # Idle

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def idle_s(self) -> float:
        return 0.0 if self._idle_since is None else self._loop.time() - self._idle_since

    def busy(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None

    def abort(self) -> None:
        self.busy()
        if self._transport is not None:
            self._transport.abort()

    # The exchange

    async def ask(self, method: str, target: str, headers: Headers, content: Content, timeouts: Timeouts) -> None:
        """Send a request and wait for the head of its answer."""
        assert self._transport is not None
        self._begin(method, timeouts.read_s)
        fields = b"\r\n".join(b"%b: %b" % field for field in headers) + b"\r\n"
        if fields.count(b"\n") + fields.count(b"\r") != 2 * len(headers):
            raise ValueError("A header has a line break in it.")
        chunked = content is not None and not any(name == b"content-length" for name, _ in headers)
        if chunked:
            fields += b"transfer-encoding: chunked\r\n"
        head = b"%b %b HTTP/1.1\r\n%b\r\n" % (method.encode(), target.encode(), fields)
        if content is None or isinstance(content, bytes):
            self._transport.write(head + (content or b""))
            self._sent = True
        else:
            self._transport.write(head)
            await self._send(content, chunked=chunked)
        while not self._head:
            await self._wait()

    async def _send(self, content: AsyncGenerator[bytes, None], *, chunked: bool) -> None:
        """Send the body, until all is sent or the server has answered without it."""
        assert self._transport is not None
        async with aclosing(content):
            async for chunk in content:
                if self._head or self._error is not None:
                    return
                if chunk:
                    self._transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
                while not (self._can_write or self._head):
                    await self._wait()
        if chunked:
            self._transport.write(b"0\r\n\r\n")
        self._sent = True

    def chunks(self) -> AsyncIterator[bytes]:
        """The body. This is no generator: one that is left early costs the event loop a task that closes it."""
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
        if self._paused and self._held <= _BUFFER_MAX // 4 and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return chunk

    async def close(self) -> None:
        """End the request: keep the connection if it can be used again, else close it."""
        whole = self._complete and self._sent and not self._chunks and self._error is None
        if whole and self.usable and self._keep and self.status < 500:  # many close after a 500, and do not say so
            self._idle_since = self._loop.time()
            self._expiry = self._loop.call_later(IDLE_S, self.abort)
            self._back(self)
        else:
            self.abort()

    async def _wait(self) -> None:
        """Wait until something happens on the connection. Raises the error that ends the request."""
        self._check()
        waiter = self._waiter = self._loop.create_future()
        timer = None if self._read_s is None else self._loop.call_later(self._read_s, self._late)
        try:
            await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()
        self._check()

    def _check(self) -> None:
        """Raise the error, unless parts of the body that came before it are still unread."""
        if self._error is not None and not self._chunks:
            raise self._error

    def _late(self) -> None:
        self._fail(RequestTimeout(f"{self.origin} did not answer in time."))

    def _fail(self, error: SpaceportError) -> None:
        if self._error is None:
            self._error = error
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._complete:  # nothing was asked for
            self.abort()
            return
        self.answered = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(ConnectionFailed(f"{self.origin} does not speak HTTP: {error}."))
        self._wake()

    def eof_received(self) -> None:
        self._lost("the server closed it before the answer was whole")

    def connection_lost(self, error: Exception | None) -> None:
        self.busy()
        self._transport = None
        self._lost(str(error or "it was closed before the answer was whole"))
        self._can_write = True
        self._on_gone(self)
        if not self.gone.done():
            self.gone.set_result(None)

    def _lost(self, why: str) -> None:
        if self._complete:
            return
        if self._head and not self._sized:  # the end of the line is the end of the body
            self._complete = True
            self._wake()
        else:
            self._fail(ConnectionFailed(f"The connection to {self.origin} failed: {why}."))

    def pause_writing(self) -> None:
        self._can_write = False

    def resume_writing(self) -> None:
        self._can_write = True
        self._wake()

    # httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_size += len(name) + len(value)
        if self._head_size > _HEAD_MAX:
            raise ValueError("the head of the answer does not end")
        name = name.lower()
        self.headers.append((name, value))
        if name in (b"content-length", b"transfer-encoding"):
            self._sized = True

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status >= 200:
            self._head = True
            self._complete = self._no_body
            self._keep = self._complete and self._parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        if self._complete:
            return
        self._chunks.append(data)
        self._held += len(data)
        if self._held > _BUFFER_MAX and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self.status >= 200:
            self._complete = True
            self._keep = self._parser.should_keep_alive()  # the parser forgets it after this
        else:  # 1xx: the answer is still to come
            self.headers, self._sized = [], False
