"""The replica's end of a hub's link (`wire.link`): each exchange is a request of the same ASGI app."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast
from urllib.parse import unquote

import msgspec

from spaceport.api.exchange import WHOLE, Headers, Receive, Scope, Send
from spaceport.wire import link

_CLIENT = ("127.0.0.1", 0)
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class LinkProtocol(asyncio.Protocol):
    """`connections` and `tasks` are the server's: it waits for what is in them when it stops."""

    def __init__(self, app: ASGIApp, connections: set[Any], tasks: set[asyncio.Task[None]]) -> None:
        self._app = app
        self._connections = connections
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._frames = link.Frames()
        self._open: dict[int, _Exchange] = {}
        self._transport: asyncio.Transport | None = None
        self._stopping = False
        self.can_write = asyncio.Event()
        self.can_write.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)
        self._transport.write(link.PREFACE)

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._frames.feed(data):
                self._take(link.request(frame))
        except msgspec.DecodeError:
            self.close()

    def _take(self, request: link.Request) -> None:
        if request.method == link.LEAVE:
            exchange = self._open.get(request.number)
            if exchange is not None:
                exchange.leave()
            return
        exchange = self._open[request.number] = _Exchange(self, request)
        task = self._loop.create_task(self._serve(exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, exchange: _Exchange) -> None:
        try:
            await self._app(exchange.scope, exchange.receive, exchange.send)
        finally:
            del self._open[exchange.number]
            exchange.end()
            exchange.scope = {}  # what is in it knows the exchange
            if self._stopping and not self._open:
                self.close()

    def tell(self, part: link.Part) -> None:
        if self._transport is not None:
            self._transport.write(link.pack(part))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def shutdown(self) -> None:
        """The server stops: close when the last answer is given."""
        self._stopping = True
        if not self._open:
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._connections.discard(self)
        self.can_write.set()
        for exchange in self._open.values():
            exchange.leave()

    def pause_writing(self) -> None:
        self.can_write.clear()

    def resume_writing(self) -> None:
        self.can_write.set()


class _Exchange:
    """A request as ASGI has it."""

    __slots__ = ("_body", "_done", "_head", "_left", "_link", "number", "scope")

    def __init__(self, owner: LinkProtocol, request: link.Request) -> None:
        self._link = owner
        self._body: bytes | None = request.body
        self._head: tuple[int, Headers] | None = None
        """What was said of the answer and not told yet."""
        self._left: asyncio.Event | None = None
        self._done = False
        self.number = request.number
        path = request.path
        self.scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": unquote(path) if "%" in path else path,
            "raw_path": path.encode("latin-1"),
            "query_string": request.query,
            "root_path": "",
            "headers": request.headers,
            "client": _CLIENT,
            "server": None,
            WHOLE: self.whole,
        }

    def leave(self) -> None:
        self._done = True
        if self._left is not None:
            self._left.set()

    async def receive(self) -> MutableMapping[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        if not self._done:
            self._left = asyncio.Event()
            await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._head = message["status"], list(message.get("headers", ()))
            return
        if self._done:
            return
        status, headers = self._head or (0, [])
        self._head = None
        more = message.get("more_body", False)
        self._done = not more
        self._link.tell(
            link.Part(self.number, status, headers, message.get("body", b""), link.MORE if more else link.LAST)
        )
        if not self._link.can_write.is_set():
            await self._link.can_write.wait()

    def whole(self, send: Send, status: int, headers: Headers, body: bytes) -> bool:
        """A whole answer in one step, as the server's own protocol gives it."""
        if getattr(send, "__self__", None) is not self or self._done or not self._link.can_write.is_set():
            return False
        self._done = True
        self._link.tell(link.Part(self.number, status, headers, body, link.LAST))
        return True

    def end(self) -> None:
        """The app is through with it."""
        if not self._done:
            self._done = True
            self._link.tell(link.Part(self.number, 0, [], b"", link.BROKEN))
