"""Calls a replica of a Space of ours: one request, which can be repeated and resumes where its connection broke."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any
from urllib.parse import quote

import msgspec

from spaceport.client.errors import ConnectionFailed
from spaceport.engine import Failure, Result, Retryable
from spaceport.errors import InvalidInput
from spaceport.hub.queues.remote_endpoint import RemoteCall, RemoteEndpoint
from spaceport.hub.queues.upstream.base import BROKEN, BUSY, CANCELLED, LOST, Dispatch, headers_for, lost, refused
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
from spaceport.hub.queues.upstream.http import headers_of, read_body
from spaceport.hub.queues.upstream.link import Link
from spaceport.wire import events
from spaceport.wire.json import encode

_RETRY_PAUSE_S = 0.2
_MAX_TRIES = 20
"""How often a call is asked for again without any progress."""
_EVENTS = "events=edits"
_RESULT, _EVENT_END = f"event: {events.COMPLETE}\ndata: ".encode(), b"\n\n"
"""How the last event of a call begins that has a result, and how each event ends."""
_BEGUN = re.compile(rb'event: status\ndata: \{"event_id":"\w{1,64}","state":"running",[^\n]*\}\nid: ([0-9]{1,15})\n\n')
"""The event that says that a call has begun, which nearly every busy call sends: nothing else is read from it."""
_AROUND_RESULT = 100
"""Bytes of the event at most that are not the result."""
_END = Result | Failure | Retryable


async def _read_result(first: bytes, more: AsyncIterator[bytes]) -> Result | None:
    """The result of a call from its last event, of which `first` is the beginning; None where the stream breaks off.

    The hub does not look into results: they pass as bytes. Raises `EventTooLarge`.
    """
    if first.endswith(_EVENT_END):
        return Result(first[len(_RESULT) : first.index(b"\n", len(_RESULT))])
    # A large result is copied piece by piece as it arrives: to join it at once would stop the event loop for long.
    data = bytearray(first[len(_RESULT) :])
    end = data.find(b"\n")
    async for piece in more:
        line_end = piece.find(b"\n")
        if end < 0 <= line_end:
            end = len(data) + line_end
        data += piece
        if len(data) > MAX_EVENT + _AROUND_RESULT or end > MAX_EVENT:
            raise EventTooLarge
        if data.endswith(_EVENT_END):
            del data[end:]
            return Result(data)
    return None


class _Refusal(msgspec.Struct):
    """A problem document."""

    detail: str
    errors: list[dict[str, Any]] = []


class NativeUpstream:
    """Implements `Upstream`."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, dispatch: Dispatch) -> _END:
        call = _Call(self._link, dispatch, self._start_task)
        dispatch.attempt.on_cancel = call.cancel_soon  # a call that has been sent is cancelled at the replica
        try:
            return await call.drive()
        finally:
            dispatch.attempt.on_cancel = None

    async def check(self, endpoint: RemoteEndpoint, call: RemoteCall) -> None:
        path = f"check/{endpoint.quoted_name}"
        with contextlib.suppress(*BROKEN, msgspec.DecodeError):  # a replica that cannot answer does not refuse
            headers = {**headers_for(call), "accept": "application/problem+json"}
            async with self._link.ask("POST", path, headers, encode({"data": call.data})) as answer:
                text = await read_body(answer)
            if answer.status == InvalidInput.status:
                found = msgspec.json.decode(text, type=_Refusal)
                raise InvalidInput(found.detail, found.errors)

    def _start_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._link.close()


class _Call:
    def __init__(self, link: Link, dispatch: Dispatch, start_task: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._link = link
        self._start_task = start_task
        self._dispatch = dispatch
        self._id: str | None = None
        self._last = ""
        self._end: _END | None = None
        self._may_be_accepted = False
        self._waits = False
        """Whether the replica has said that the call waits there."""

    async def drive(self) -> _END:
        attempt = self._dispatch.attempt
        if not await attempt.sink.sending(attempt):
            return CANCELLED if self._dispatch.job.ending else Retryable(LOST, begun=False)
        tries = 0
        while self._end is None:
            seen = self._last
            try:
                await self._listen()
            except EventTooLarge:
                self._end = TOO_LARGE
                self.cancel_soon()
            except MALFORMED_ERRORS:
                self._end = MALFORMED
                self.cancel_soon()
            except (*BROKEN, ValueError) as error:  # the next request has the same key, or the call's id
                if isinstance(error, ConnectionFailed) and not error.sent:
                    return lost(begun=attempt.begun or (self._may_be_accepted and not self._waits))
                self._may_be_accepted = True
            if self._end is None and self._last == seen:
                tries += 1
                if tries > _MAX_TRIES:
                    return lost(begun=True)
                await asyncio.sleep(_RETRY_PAUSE_S)
            else:
                tries = 0
        return self._end

    async def _listen(self) -> None:
        dispatch = self._dispatch
        headers, name = dispatch.headers, dispatch.endpoint.quoted_name
        headers["accept"] = "text/event-stream"
        if self._id is None:
            body = dispatch.body
            if dispatch.job.own_session:
                body = {**body, "session_hash": dispatch.job.session}
            headers["idempotency-key"] = f"{dispatch.job.id}-{dispatch.job.attempt}"
            headers["spaceport-on-disconnect"] = "keep"
            if dispatch.job.retries:
                headers["spaceport-retries"] = f"{dispatch.job.retries}"
            query = f"{dispatch.call.query}&{_EVENTS}" if dispatch.call.query else _EVENTS
            sent = self._link.ask("POST", f"call/{name}", headers, encode(body), query=query)
        else:
            if self._last:
                headers["last-event-id"] = self._last
            sent = self._link.ask("GET", f"call/{name}/{self._id}", headers, query=_EVENTS)
        async with sent as answer:
            if answer.status != 200:
                text = await read_body(answer)
                if answer.status not in BUSY:
                    self._end = refused(answer.status, text, headers_of(answer), dispatch.endpoint.name)
                return
            self._may_be_accepted = True
            for header, value in answer.headers:
                if header == b"x-spaceport-job":
                    self._id = value.decode("latin-1")
            if self._dispatch.attempt.cancelled.is_set():
                self.cancel_soon()
            reader, between_events = None, True
            async for chunk in answer.chunks():
                if between_events and chunk.startswith(_RESULT):
                    self._end = await _read_result(chunk, answer.chunks())
                    return
                if reader is None:
                    begun = _BEGUN.fullmatch(chunk)
                    if begun is not None:
                        self._last = begun[1].decode()
                        dispatch.attempt.sink.begun(dispatch.attempt)
                        continue
                    reader = EventReader()
                between_events = chunk.endswith(_EVENT_END)
                for kind, data, number in reader.feed(chunk):
                    self._last = number or self._last
                    await self._take(kind, data)
                    if self._end is not None:
                        return

    async def _take(self, kind: str, data: str) -> None:
        if kind == events.COMPLETE:
            self._end = Result(data.encode())
            return
        event = await parsed(events.decode, kind, data)
        if isinstance(event, events.Queued):
            self._waits = True
        if event is not None:
            self._end = report(self._dispatch, event)

    def cancel_soon(self) -> None:
        """Cancel the call at the replica, without waiting for it: the link is read meanwhile."""
        self._start_task(self._cancel())

    async def _cancel(self) -> None:
        if self._id is not None:
            session = quote(self._dispatch.job.session or "", safe="") if self._dispatch.job.own_session else ""
            with contextlib.suppress(*BROKEN):
                gone = self._link.ask("DELETE", f"jobs/{self._id}", {}, query=f"session_hash={session}")
                async with gone as answer:
                    await read_body(answer)
