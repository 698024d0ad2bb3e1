"""Event streams of replicas: a bound on what one event may hold, and what an event tells the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from spaceport.client.core.sse import Event, EventParser
from spaceport.engine import Failure, LogLine, Result, Retryable
from spaceport.errors import FunctionFailed, JobCancelled, TooLarge
from spaceport.hub.queues.upstream.base import CANCELLED, Dispatch, lost
from spaceport.wire import events
from spaceport.wire.diff import InvalidEdits
from spaceport.wire.json import encode

T = TypeVar("T")
MAX_EVENT = 16 << 20
_LARGE = 1 << 20
"""Events with more characters are parsed in a thread."""
TOO_LARGE = Failure(TooLarge.code, f"The result is larger than {MAX_EVENT >> 20} MB, the hub's limit.", shown=True)


MALFORMED = Failure(FunctionFailed.code, "The app's response is malformed.", shown=True)
MALFORMED_ERRORS = (events.MalformedMessage, InvalidEdits, RecursionError)
"""What a message raises that does not fit the protocol."""


class EventTooLarge(Exception):
    """An event exceeds `MAX_EVENT` bytes."""


class EventReader:
    """An `EventParser` for a source that is not trusted."""

    __slots__ = ("_parser", "_pending")

    def __init__(self) -> None:
        self._parser = EventParser()
        self._pending = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Events that are complete now. Raises `EventTooLarge`."""
        events = self._parser.feed(chunk)
        self._pending = 0 if events else self._pending + len(chunk)
        if self._pending > MAX_EVENT or any(len(event.data) > MAX_EVENT for event in events):
            raise EventTooLarge
        return events


async def parsed(read: Callable[..., T], *given: str) -> T:
    """What `read` makes of an event, of which its data is the last argument; a large one does not hold up the loop."""
    return await asyncio.to_thread(read, *given) if len(given[-1]) > _LARGE else read(*given)


def report(dispatch: Dispatch, event: events.Event) -> Result | Failure | Retryable | None:
    """Tell the engine what the app says of a call. Returns how the call has ended, None where it goes on.

    Raises one of `MALFORMED_ERRORS`.
    """
    attempt, job = dispatch.attempt, dispatch.job
    if isinstance(event, events.Edits):
        attempt.sink.edits(job, event.edits)
    elif isinstance(event, events.Output):
        attempt.sink.begun(attempt)
        attempt.sink.output(job, event.values)
    elif isinstance(event, events.Started):
        attempt.sink.begun(attempt)
    elif isinstance(event, events.Queued):
        attempt.sink.waits(attempt, event.rank or 0, None)
    elif isinstance(event, events.Progress):
        attempt.sink.progress(job, event.units)
    elif isinstance(event, events.Log):
        attempt.sink.log(job, LogLine(event.text, event.level, event.duration_s, event.visible, event.title))
    elif isinstance(event, events.Completed):
        return Result(encode(event.values), event.changed)
    elif isinstance(event, events.Failed):
        return _failed(event)
    elif isinstance(event, events.Cancelled):
        return CANCELLED
    else:
        return lost(begun=attempt.begun)
    return None


def _failed(event: events.Failed) -> Failure:
    code = event.code or FunctionFailed.code
    if code == JobCancelled.code:
        return CANCELLED
    return Failure(code, event.text, event.visible, event.duration_s, event.title, shown=event.shown)
