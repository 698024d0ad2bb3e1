"""Calls a replica of a real Gradio app: `queue/join`, and one reader of `queue/data` for each session.

Two readers would share a session's messages between them (gradio-wire §7.1). When a reader's connection breaks, the app
drops the session's jobs (§9.6).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from urllib.parse import quote

import msgspec

from spaceport.client.errors import ConnectionFailed
from spaceport.engine import Failure, Result, Retryable
from spaceport.hub.queues.remote_endpoint import RemoteCall, RemoteEndpoint
from spaceport.hub.queues.upstream.base import BROKEN, BUSY, CANCELLED, LOST, Dispatch, lost, refused
from spaceport.hub.queues.upstream.events import (
    MALFORMED,
    MALFORMED_ERRORS,
    MAX_EVENT,
    TOO_LARGE,
    EventReader,
    EventTooLarge,
    parsed,
    report,
)
from spaceport.hub.queues.upstream.http import ReplicaHttp, headers_of, read_body
from spaceport.wire import events
from spaceport.wire.json import encode

_MAX_EARLY = 10_000
_MAX_EARLY_SIZE = MAX_EVENT
"""How many messages, and characters of them, a session keeps for events whose ids are not known yet."""
_RETRY_PAUSE_S = 1.0
_LINGER_S = 1.0
"""How long a reader that no call needs may take to end by itself, so that its connection can be used again."""
_END = Result | Failure | Retryable


class GradioUpstream:
    """Implements `Upstream`."""

    def __init__(self, http: ReplicaHttp) -> None:
        self._http = http
        self._sessions: dict[str, _Session] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, dispatch: Dispatch) -> _END:
        job = dispatch.job
        name = job.session if job.own_session and job.session else f"{job.id}{job.attempt}"
        session = self._sessions.get(name)
        if session is None:
            session = self._sessions[name] = _Session(self._http, name)
        session.using += 1
        try:
            return await self._run(dispatch, session)
        finally:
            session.using -= 1
            if not session.using:
                session.release(lambda: self._forget(session))

    def _forget(self, session: _Session) -> None:
        if not session.using and self._sessions.get(session.name) is session:
            del self._sessions[session.name]

    async def check(self, endpoint: RemoteEndpoint, call: RemoteCall) -> None:
        """Gradio cannot check a call without running it."""

    async def _run(self, dispatch: Dispatch, session: _Session) -> _END:
        event = await self._join(dispatch, session)
        if not isinstance(event, str):
            return event
        call = _Call(dispatch, event)
        dispatch.attempt.on_cancel = lambda: self._cancel(dispatch, session, event)
        session.add(event, call)
        if dispatch.attempt.cancelled.is_set():
            self._cancel(dispatch, session, event)
        try:
            end = await call.end
            if end in (MALFORMED, TOO_LARGE):
                self._cancel(dispatch, session, event)
            return end
        finally:
            dispatch.attempt.on_cancel = None
            session.calls.pop(event, None)

    async def _join(self, dispatch: Dispatch, session: _Session) -> str | _END:
        """The id of the accepted event, or how the attempt has ended without one."""
        body = encode({**dispatch.body, "fn_index": dispatch.endpoint.index, "session_hash": session.name})
        while True:
            if not await dispatch.attempt.sink.sending(dispatch.attempt):
                return CANCELLED if dispatch.job.ending else Retryable(LOST, begun=False)
            dispatch.attempt.on_cancel = None  # a call that has been sent is cancelled at the replica
            try:
                async with self._http.ask(
                    "POST", "queue/join", dispatch.headers, body, query=dispatch.call.query, patient=True
                ) as answer:
                    text = await read_body(answer)
            except BROKEN as error:  # it may have been taken
                return lost(begun=not isinstance(error, ConnectionFailed) or error.sent)
            if answer.status == 200:
                with contextlib.suppress(msgspec.DecodeError, KeyError, TypeError):
                    return str(msgspec.json.decode(text)["event_id"])
            if answer.status not in BUSY:
                return refused(answer.status, text, headers_of(answer), dispatch.endpoint.name)
            dispatch.attempt.sink.waits(dispatch.attempt, 0, None)
            await asyncio.sleep(_RETRY_PAUSE_S)

    def _cancel(self, dispatch: Dispatch, session: _Session, event: str) -> None:
        """Cancel an event, unless others run: Gradio would end all calls of the function in the session (§9.5)."""
        index = dispatch.endpoint.index
        others = [call for call in session.calls.values() if call.event != event]
        if dispatch.attempt.begun and any(call.begun and call.dispatch.endpoint.index == index for call in others):
            return
        body = {"session_hash": session.name, "fn_index": index, "event_id": event}

        async def ask() -> None:
            headers = {"content-type": "application/json"}
            with contextlib.suppress(*BROKEN):
                async with self._http.ask("POST", "cancel", headers, encode(body)) as answer:
                    await read_body(answer)

        task = asyncio.ensure_future(ask())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()
        for task in self._tasks:
            task.cancel()


class _Session:
    """The one reader of a session's messages. It reads while a call waits for some."""

    def __init__(self, http: ReplicaHttp, name: str) -> None:
        self.name = name
        self.calls: dict[str, _Call] = {}
        self.using = 0
        self._http = http
        self._path = f"queue/data?session_hash={quote(name, safe='')}"
        self._early: dict[str, list[tuple[events.Message, int]]] = {}
        """Messages with their sizes, by event, of events whose joins have not been answered yet."""
        self._early_count = self._early_size = 0
        self._reader: asyncio.Task[None] | None = None

    def add(self, event: str, call: _Call) -> None:
        self.calls[event] = call
        for message, size in self._early.pop(event, ()):
            self._early_count -= 1
            self._early_size -= size
            call.take(message)
        if self._reader is None or self._reader.done():
            self._reader = asyncio.ensure_future(self._read())

    def release(self, then: Callable[[], None]) -> None:
        """No call needs the reader: call `then` once it has ended, which it does by itself within moments."""
        reader = self._reader
        if reader is None or reader.done():
            then()
            return

        def late() -> None:
            if not self.using:
                reader.cancel()

        def over(_: asyncio.Task[None]) -> None:
            timer.cancel()
            then()

        timer = asyncio.get_running_loop().call_later(_LINGER_S, late)
        reader.add_done_callback(over)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        for call in list(self.calls.values()):
            call.lose()

    async def _read(self) -> None:
        """Read until no call waits. A call whose messages do not come is lost."""
        idle_reads = 0
        while self._waiting and idle_reads < 2:
            try:
                ended = await self._once()
            except EventTooLarge:
                for call in list(self.calls.values()):
                    call.finish(TOO_LARGE)
                break
            except MALFORMED_ERRORS:
                for call in list(self.calls.values()):
                    call.finish(MALFORMED)
                break
            except (*BROKEN, ValueError):
                break  # the app has dropped the session's events with the connection
            idle_reads = 0 if ended else idle_reads + 1
        for call in list(self.calls.values()):
            call.lose()

    @property
    def _waiting(self) -> bool:
        return any(not call.end.done() for call in self.calls.values())

    async def _once(self) -> bool:
        """Read one stream to its end. Returns whether a call ended meanwhile."""
        reader, ended = EventReader(), False
        async with self._http.ask("GET", self._path, {"accept": "text/event-stream"}) as answer:
            if answer.status != 200:
                return False
            async for chunk in answer.chunks():
                for _, data, _ in reader.feed(chunk):
                    message = await parsed(events.parse, data)
                    if message.kind == events.UNEXPECTED:
                        return False
                    ended = self._deliver(message, len(data)) or ended
        return ended

    def _deliver(self, message: events.Message, size: int) -> bool:
        """Returns whether the message has ended its call."""
        event = message.event_id
        if event is None:
            return False
        call = self.calls.get(event)
        if call is not None:
            call.take(message)
            return call.end.done()
        if self._early_count < _MAX_EARLY and self._early_size + size <= _MAX_EARLY_SIZE:
            self._early_count += 1
            self._early_size += size
            self._early.setdefault(event, []).append((message, size))
        return False


class _Call:
    """One event of the app's queue. Turns its messages into updates of the job."""

    def __init__(self, dispatch: Dispatch, event: str) -> None:
        self.dispatch = dispatch
        self.event = event
        self.end: asyncio.Future[_END] = asyncio.get_running_loop().create_future()
        self._has_output = False
        self._waits = False
        """Whether the app has said that the call waits in its queue."""

    @property
    def begun(self) -> bool:
        return self.dispatch.attempt.begun and not self.end.done()

    def take(self, message: events.Message) -> None:
        """Handle a message of the session's stream. A malformed one ends the call."""
        if self.end.done():
            return
        try:
            event = message.decode(edits=self._has_output)
            if event is not None:
                self._has_output = self._has_output or isinstance(event, events.Output)
                self._waits = self._waits or isinstance(event, events.Queued)
                end = report(self.dispatch, event)
                if end is not None:
                    self.finish(end)
        except MALFORMED_ERRORS:
            self.finish(MALFORMED)

    def lose(self) -> None:
        """The app or its stream has ended. A call counts as begun unless the app has said that it waits."""
        self.finish(lost(begun=self.dispatch.attempt.begun or not self._waits))

    def finish(self, end: _END) -> None:
        if not self.end.done():
            self.end.set_result(end)
