"""The replica's end of a hub's link (`wire.link`): many requests on one connection.

Each becomes a request of the same ASGI app. A call, the most frequent one, skips ASGI and uses the same functions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, MutableMapping
from typing import Any, cast
from urllib.parse import unquote

from spaceport.api import body, problems
from spaceport.api.asgi import ASGIApp, Headers, Scope, Send
from spaceport.api.context import AppContext
from spaceport.api.events import CallCursor, Events
from spaceport.api.exchange import SEND_RESPONSE, HttpExchange
from spaceport.api.streams import CALL_HEARTBEAT, CALL_STOPPED, GATHER_S
from spaceport.api.submit import submit
from spaceport.engine import Job, Watcher
from spaceport.errors import SpaceportError
from spaceport.wire import link
from spaceport.wire.documents import API_PREFIX

logger = logging.getLogger("spaceport.api")

_CLIENT = ("127.0.0.1", 0)
_CALL = f"{API_PREFIX}/call/"
_EVENTS = b"events=edits"
_MAX_OPEN = 20_000
"""Requests of one link at once. What is above gets the status 503."""
_MAX_LINKS = 16
"""Links of a replica: a hub has one, and for a while the one before it. Each may hold an incomplete frame."""


class LinkProtocol(asyncio.Protocol):
    """`connections` and `tasks` are the server's, which waits for them when it stops. `context` returns what `app`
    serves, or None before it has started."""

    def __init__(
        self,
        app: ASGIApp,
        context: Callable[[], AppContext | None],
        connections: set[Any],
        tasks: set[asyncio.Task[None]],
    ) -> None:
        self._app = app
        self._context = context
        self._connections = connections
        self._tasks = tasks
        self.loop = asyncio.get_running_loop()
        self._frames = link.Frames()
        self._open: dict[int, _LinkRequest] = {}
        self._readers: dict[int, _Reader] = {}
        self._outbox: link.Outbox | None = None
        """None once the connection is lost."""
        self._stopping = False
        self.can_write = asyncio.Event()
        self.can_write.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._outbox = link.Outbox(cast(asyncio.Transport, transport), self.loop)
        self._connections.add(self)
        if sum(isinstance(one, LinkProtocol) for one in self._connections) > _MAX_LINKS:
            self._abort()
            return
        self._outbox.write(link.PREFACE)

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._frames.feed(data):
                self._take(link.request(frame))
        except link.MalformedFrame:
            self._abort()

    def _abort(self) -> None:
        """Close the connection without waiting for an other end that may not read."""
        if self._outbox is not None:
            self._outbox.transport.abort()

    def _take(self, request: link.Request) -> None:
        if request.method == link.LEAVE:
            for one in (self._open.get(request.number), self._readers.get(request.number)):
                if one is not None:
                    one.leave()
            return
        if request.number in self._open or request.number in self._readers:
            raise link.MalformedFrame(f"The request {request.number} has not been answered yet.")
        if len(self._open) + len(self._readers) >= _MAX_OPEN:
            self.send_part(link.Part(request.number, 503, [], b"", link.LAST))
            return
        exchange = self._open[request.number] = _LinkRequest(self, request)
        context = self._context()
        if context is not None and _is_plain_call(context, request):
            work = self._call(context, exchange, request)
        else:
            work = self._serve(exchange)
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, exchange: _LinkRequest) -> None:
        try:
            await self._app(exchange.scope, exchange.receive, exchange.send)
        finally:
            exchange.finish()
            self._ended(exchange)

    async def _call(self, context: AppContext, exchange: _LinkRequest, request: link.Request) -> None:
        """Serve a call as `calls.call` and `streams.stream_job` do."""
        http = HttpExchange(context, exchange.scope, exchange.receive, exchange.send)
        try:
            body.check(request.body)
            endpoint = context.catalog.get_endpoint(unquote(request.path[len(_CALL) :]))
            submission = body.parse_call(request.body)
            if submission.event_data is None and submission.session_hash == "":
                submission.session_hash = None
            job = await submit(http, endpoint, submission, request.body)
        except SpaceportError as error:
            await problems.answer(http, error)
        except Exception:  # noqa: BLE001  as `app` does it
            await problems.answer_bug(http)
        else:
            reader = self._readers[request.number] = _Reader(self, context, request.number, job, self._read)
            if exchange.left:
                reader.leave()
            else:
                reader.start()
        finally:
            self._ended(exchange)

    def _ended(self, exchange: _LinkRequest) -> None:
        del self._open[exchange.number]
        exchange.scope = {}  # its functions refer to this object: break the circle
        self._close_if_stopped()

    def _read(self, reader: _Reader) -> None:
        del self._readers[reader.number]
        self._close_if_stopped()

    def _close_if_stopped(self) -> None:
        if self._stopping and not self._open and not self._readers:
            self.close()

    def send_part(self, part: link.Part) -> None:
        if self._outbox is None:
            return
        if len(part.chunk) <= link.MAX_CHUNK:
            self._outbox.write(link.pack(part))
        else:
            for piece in link.split(part):
                self._outbox.write(link.pack(piece))

    def close(self) -> None:
        if self._outbox is not None:
            self._outbox.close()

    def shutdown(self) -> None:
        """Close the link as soon as the last response has been sent."""
        self._stopping = True
        self._close_if_stopped()

    def connection_lost(self, error: Exception | None) -> None:
        self._outbox = None
        self._connections.discard(self)
        self.can_write.set()
        for exchange in self._open.values():
            exchange.leave()
        for reader in list(self._readers.values()):
            reader.leave()

    def pause_writing(self) -> None:
        """A hub that does not read its responses sends no more requests either."""
        self.can_write.clear()
        if self._outbox is not None:
            self._outbox.transport.pause_reading()

    def resume_writing(self) -> None:
        self.can_write.set()
        if self._outbox is not None:
            self._outbox.transport.resume_reading()
        for reader in list(self._readers.values()):
            reader.notify()


def _is_plain_call(context: AppContext, request: link.Request) -> bool:
    return (
        request.method == "POST"
        and request.path.startswith(_CALL)
        and "/" not in request.path[len(_CALL) :]
        and request.query.endswith(_EVENTS)
        and not context.auth.required
        and len(request.body) <= context.options.max_body
    )


class _LinkRequest:
    """One request of the link, with the ASGI functions that serve it."""

    more_body = False
    """The whole body came with the request."""

    __slots__ = ("_body", "_done", "_head", "_left", "_link", "number", "scope")

    def __init__(self, owner: LinkProtocol, request: link.Request) -> None:
        self._link = owner
        self._body: bytes | None = request.body
        self._head: tuple[int, Headers] | None = None
        """Status and headers of the response, while they wait for its body."""
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
            SEND_RESPONSE: self.send_response,
        }

    @property
    def left(self) -> bool:
        return self._done

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
        while not self._link.can_write.is_set():
            await self._link.can_write.wait()
        if self._done:
            return
        status, headers = self._head or (0, [])
        self._head = None
        more = message.get("more_body", False)
        self._done = not more
        self._link.send_part(
            link.Part(self.number, status, headers, message.get("body", b""), link.MORE if more else link.LAST)
        )
        if not self._link.can_write.is_set():
            await self._link.can_write.wait()

    def send_response(self, send: Send, status: int, headers: Headers, body: bytes) -> bool:
        """Send a complete response in one step, as `api.protocol` does for HTTP. False: use `send`."""
        if getattr(send, "__self__", None) is not self or self._done or not self._link.can_write.is_set():
            return False
        self._done = True
        self._link.send_part(link.Part(self.number, status, headers, body, link.LAST))
        return True

    def finish(self) -> None:
        """The app has returned; mark the response as broken if it is incomplete."""
        if not self._done:
            self._done = True
            self._link.send_part(link.Part(self.number, 0, [], b"", link.BROKEN))


class _Reader(Watcher):
    """Sends the events of a call as they come; those within `GATHER_S` travel together."""

    __slots__ = (
        "_beat",
        "_context",
        "_cursor",
        "_gathering",
        "_link",
        "_read",
        "_stop",
        "_told",
        "_wrote_at",
        "job",
        "number",
    )

    def __init__(
        self, owner: LinkProtocol, context: AppContext, number: int, job: Job, read: Callable[[_Reader], None]
    ) -> None:
        """`read` is called when the last event has been sent."""
        super().__init__()
        self.ends_only = True
        self.number = number
        self.job = job
        self._link = owner
        self._context = context
        self._read = read
        self._cursor = CallCursor(job, 0, events=Events.EDITS, show_error=context.options.show_error)
        self._told = False
        self._beat: asyncio.TimerHandle | None = None
        self._gathering: asyncio.TimerHandle | None = None
        self._wrote_at = 0.0
        self._stop: Callable[[], None] | None = None

    def start(self) -> None:
        if not self.job.state.final:
            self._gathering = self._link.loop.call_later(GATHER_S, self._gathered)
            self._stop = self._context.engine.watch(self.job, self)
            self._context.sessions.listeners.add(self)
        self.notify()

    def _gathered(self) -> None:
        self._gathering = None
        self.ends_only = False
        if self._beat is None:
            self._beat = self._link.loop.call_later(self._context.options.heartbeat_s, self._tick)
        self.notify()

    def _tick(self) -> None:
        self._beat = self._link.loop.call_later(self._context.options.heartbeat_s, self._tick)
        self._tell(CALL_HEARTBEAT, link.MORE)

    def notify(self) -> None:
        if self.closed or not self._link.can_write.is_set():
            return
        stopping = self._context.stopping.is_set()
        if not self.job.state.final and not stopping:
            if self._gathering is not None:
                return
            if self._link.loop.time() - self._wrote_at < GATHER_S:
                self._gathering = self._link.loop.call_later(GATHER_S, self._gathered)
                return
        try:
            chunk = self._cursor.read()
        except Exception:  # the caller of `notify` is another job's work: it must not fail for this
            logger.exception("the updates of job %s could not be sent", self.job.id)
            self._tell(b"", link.BROKEN)
            self._close()
            return
        if self._cursor.done() or stopping:
            self._tell(chunk if self._cursor.done() else chunk + CALL_STOPPED, link.LAST)
            self._close()
        elif chunk or not self._told:
            self._tell(chunk, link.MORE)
            self._wrote_at = self._link.loop.time()

    def _tell(self, chunk: bytes, follows: int) -> None:
        status, headers = 0, []
        if not self._told:
            self._told = True
            status, headers = 200, [(b"x-spaceport-job", self.job.id.encode())]
        self._link.send_part(link.Part(self.number, status, headers, chunk, follows))

    def leave(self) -> None:
        """The hub no longer listens to this call."""
        if not self.closed:
            self._close()
            self._context.sessions.schedule_abandon_check(self.job)

    def _close(self) -> None:
        self.closed = True
        for timer in (self._beat, self._gathering):
            if timer is not None:
                timer.cancel()
        if self._stop is not None:
            self._stop()
            self._context.sessions.listeners.discard(self)
        self._read(self)
