"""Streams a job's updates to a connection as they come, until the job has ended or the client is gone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from spaceport.api.events import CallCursor, Events, JobsCursor, MessageCursor, SessionCursor, message
from spaceport.api.exchange import HttpExchange
from spaceport.api.sessions import Session
from spaceport.engine import Job, Watcher
from spaceport.errors import Interrupted, SessionLost
from spaceport.wire import events
from spaceport.wire import messages as m

CALL_HEARTBEAT = b"event: heartbeat\ndata: null\n\n"
CALL_STOPPED = b'event: error\ndata: "%s"\n\n' % events.STOPPED.encode()
CALL_UNKNOWN = b'event: error\ndata: "%s"\n\n' % events.UNKNOWN_JOB.encode()
_SESSION_HEARTBEAT = message(m.Heartbeat())
GATHER_S = 0.002
"""How long a stream waits for more after its start, and where something comes this soon after a write, so that a quick
call is one write, wakes its reader once, and the steps of a quick generator travel together."""
_OPEN_S = 0.5
"""How long a stream that has nothing to say stays unopened, so that the result of most calls is one write."""
_HANG_UP_S = 0.1
"""How long a finished stream stays connected, so that its reader can disconnect first."""
_HANG_UP_JOIN_S = 5.0
"""The same when a join waits to know whether its client has seen `close_stream`."""
_AFTER_HANG_UP_S = 0.03
"""How long older clients need between a disconnect and being ready to open the next stream."""
_CLOSE = message(m.CloseStream())
_STOPPED = message(m.UnexpectedError(None, events.STOPPED, False, code=Interrupted.code))
_UNKNOWN = message(m.UnexpectedError(None, events.UNKNOWN_JOB, True, code=SessionLost.code))


def open_stream_slot(request: HttpExchange) -> AbstractContextManager[None]:
    """Count a stream of the request's caller while it is open. Raises `RateLimited` for one too many."""
    context = request.context
    limit = context.auth.streams(request) or context.options.streams_per_caller
    return context.streams.acquire(request.caller_key, limit)


class _Listener:
    """A watcher that also sends heartbeats and notices when the client disconnects.

    uvicorn's `send` does not fail when the client is gone. Our protocol calls `_gone` then; with another server only
    `receive` tells, so that a task waits for it.
    """

    def __init__(self, request: HttpExchange) -> None:
        self.watcher = Watcher()
        self.beat = False
        self._x = request
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._ear: asyncio.Task[None] | None = None
        self._opening: asyncio.TimerHandle | None = None
        self._must_open = False
        self._all = request.context.sessions.listeners
        self._all.add(self.watcher)
        self._wrote_at = 0.0
        self.gathering: asyncio.TimerHandle | None = None
        """Runs while updates are held back, so that more of them travel together."""

    def listen(self) -> None:
        """Start the heartbeat and notice a disconnect. A quick call ends before it is worth it."""
        if self._timer is None:
            if not self._x.call_on_disconnect(self._gone):
                self._ear = self._loop.create_task(self._listen())
            self._timer = self._loop.call_later(self._x.context.options.heartbeat_s, self._tick)

    def gather(self) -> None:
        self.watcher.ends_only = True
        self.gathering = self._loop.call_later(GATHER_S, self._gathered)

    def wrote(self) -> None:
        self._wrote_at = self._loop.time()

    def gather_if_soon(self) -> None:
        """Something is to be said: hold it back if the last write was a moment ago, for then more may come."""
        if self._loop.time() - self._wrote_at < GATHER_S:
            self.gather()

    def may_stay_closed(self) -> bool:
        """Whether the stream need not be opened yet; asked where it has nothing to say."""
        if self._opening is None:
            self._opening = self._loop.call_later(_OPEN_S, self._open)
        return not self._must_open

    def _open(self) -> None:
        self._must_open = True
        self.watcher.notify()

    def _gathered(self) -> None:
        self.gathering = None
        self.watcher.ends_only = False
        self.watcher.notify()

    async def _listen(self) -> None:
        while (await self._x.receive())["type"] != "http.disconnect":
            pass
        self._gone()

    def _gone(self) -> None:
        self.watcher.closed = True
        self.watcher.notify()

    def _tick(self) -> None:
        self.beat = True
        self._timer = self._loop.call_later(self._x.context.options.heartbeat_s, self._tick)
        self.watcher.notify()

    def close(self) -> None:
        if self._timer is not None and self._ear is None:
            self._x.call_on_disconnect(None)
        for one in (self._timer, self._ear, self._opening, self.gathering):
            if one is not None:
                one.cancel()
        self._timer = self._ear = self._opening = self.gathering = None  # they refer to this object: break the circle
        self._all.discard(self.watcher)


async def stream_job(request: HttpExchange, job: Job, *, after: int, events: Events) -> None:
    """Stream a job's events from position `after` on. The events of a job that has ended are one write."""
    cursor: CallCursor | MessageCursor
    if events is Events.MESSAGES:
        cursor = _message_cursor(request, job, after)
    else:
        cursor = CallCursor(job, after, events=events, show_error=request.context.options.show_error)
    await _stream(request, cursor)


async def stream_jobs(request: HttpExchange, jobs: Iterable[Job], first: bytes) -> None:
    """Stream the messages of several jobs as they come, after the frame `first`."""
    await _stream(request, JobsCursor([_message_cursor(request, job, 0) for job in jobs]), first)


def _message_cursor(request: HttpExchange, job: Job, after: int) -> MessageCursor:
    average_s = request.context.engine.average_s(job.endpoint)
    return MessageCursor(job, after, show_error=request.context.options.show_error, average_s=average_s)


async def _stream(request: HttpExchange, cursor: CallCursor | MessageCursor | JobsCursor, chunk: bytes = b"") -> None:
    if cursor.ended:
        await request.send_finished_stream(chunk + cursor.read())
        return
    listener = _Listener(request)
    listener.watcher.ranks = cursor.shows_ranks
    stops = [request.context.engine.watch(job, listener.watcher) for job in cursor.unread]
    listener.gather()
    try:
        while not listener.watcher.closed:
            if listener.gathering is not None and not cursor.ended:
                await listener.watcher.wait()
                continue
            chunk += cursor.read()
            if cursor.done() and not request.started:
                await request.send_finished_stream(chunk)
                break
            idle = not chunk and not request.started and not request.context.stopping.is_set()
            if idle and listener.may_stay_closed():
                await listener.watcher.wait()
                continue
            listener.listen()
            if not request.started:
                await request.open_stream()
            if cursor.done():
                await request.write(chunk, more=False)
                break
            if listener.beat:
                listener.beat = False
                chunk += CALL_HEARTBEAT
            if request.context.stopping.is_set():
                await request.write(chunk + CALL_STOPPED, more=False)
                return
            if chunk:
                await request.write(chunk)
                chunk = b""
                listener.wrote()
            await listener.watcher.wait()
            listener.gather_if_soon()
    finally:
        for stop in stops:
            stop()
        listener.close()
        for job in cursor.unread:
            request.context.sessions.schedule_abandon_check(job)


async def stream_session(request: HttpExchange, session: Session | None) -> None:
    """Stream all undelivered jobs of the session, later joins included; end when none is left."""
    await request.open_stream()
    if session is None:
        await request.write(_UNKNOWN, more=False)
        return
    listener = _Listener(request)
    listener.listen()
    readers: dict[str, tuple[SessionCursor, Callable[[], None]]] = {}
    session.streams.append(listener.watcher)
    try:
        while not listener.watcher.closed:
            chunk, done = await _read_session(request, session, listener.watcher, readers)
            if listener.beat:
                listener.beat = False
                chunk += _SESSION_HEARTBEAT
            if request.context.stopping.is_set():
                await request.write(chunk + _STOPPED, more=False)
                return
            last = not session.joining and done.issuperset(session.undelivered) and done.issuperset(readers)
            if last:
                chunk += _CLOSE
            if chunk:
                await request.write(chunk)
            for job_id in done:
                readers.pop(job_id)[1]()
                request.context.sessions.delivered(session, job_id)
            if last:
                await _hang_up(request, session, listener.watcher)
                return
            await listener.watcher.wait()
    finally:
        session.streams.remove(listener.watcher)
        listener.close()
        for cursor, stop in readers.values():
            stop()
            request.context.sessions.schedule_abandon_check(cursor.job)
        request.context.sessions.discard_if_idle(session)


async def _read_session(
    request: HttpExchange,
    session: Session,
    watcher: Watcher,
    readers: dict[str, tuple[SessionCursor, Callable[[], None]]],
) -> tuple[bytes, set[str]]:
    """New frames of the undelivered jobs and of those that another reader finished; the ids of complete ones."""
    chunks: list[bytes] = []
    done: set[str] = set()
    engine = request.context.engine
    for job_id in {**session.undelivered, **dict.fromkeys(readers)}:
        if job_id not in readers:
            job = await engine.find(job_id)
            if job is None:  # its outcome has expired unread
                request.context.sessions.delivered(session, job_id)
                continue
            average_s = engine.average_s(job.endpoint)
            cursor = SessionCursor(job, show_error=request.context.options.show_error, average_s=average_s)
            readers[job_id] = (cursor, engine.watch(job, watcher))
        cursor = readers[job_id][0]
        chunks.append(cursor.read())
        if cursor.done():
            done.add(job_id)
    return b"".join(chunks), done


async def _hang_up(request: HttpExchange, session: Session, reader: Watcher) -> None:
    """After `close_stream`, wait until the reader disconnects: then it has seen the frame."""
    session.closing = closing = asyncio.Event()
    clock = asyncio.get_running_loop().time
    closed_at = clock()
    try:
        while not reader.closed:
            left = closed_at + (_HANG_UP_JOIN_S if session.joining else _HANG_UP_S) - clock()
            if left <= 0 or request.context.stopping.is_set():
                await request.write(b"", more=False)
                return
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(reader.wait(), left)
    finally:
        closing.set()
        session.closing = None


async def wait_for_hang_up(session: Session) -> None:
    """Before a join is answered, wait until a client that was sent `close_stream` has seen it.

    gradio_client decides when the answer comes whether its present stream will carry the new job. If it still took a
    closed stream for an open one, the job would end there as cancelled.
    """
    if session.closing is not None:
        for watcher in session.streams:
            watcher.notify()
        await session.closing.wait()
        await asyncio.sleep(_AFTER_HANG_UP_S)


async def stream_heartbeat(request: HttpExchange, session: Session) -> None:
    """Send `ALIVE` at once, and with each heartbeat, until the client disconnects (gradio-wire §13)."""
    await request.open_stream()
    session.heartbeats += 1
    listener = _Listener(request)
    listener.listen()
    try:
        while not listener.watcher.closed and not request.context.stopping.is_set():
            await request.write(b"data: ALIVE\n\n")
            await listener.watcher.wait()
    finally:
        listener.close()
        request.context.sessions.heartbeat_ended(session)
