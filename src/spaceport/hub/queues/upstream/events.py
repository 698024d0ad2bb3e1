"""Event streams of replicas, with a bound on what one event may hold."""

from __future__ import annotations

from spaceport.client.core.sse import Event, EventParser
from spaceport.engine import Failure
from spaceport.errors import FunctionFailed, TooLarge

MAX_EVENT = 16 << 20
TOO_LARGE = Failure(TooLarge.code, f"The result is larger than {MAX_EVENT >> 20} MB, the hub's limit.", shown=True)


MALFORMED = Failure(FunctionFailed.code, "The app's response is malformed.", shown=True)
MALFORMED_ERRORS = (TypeError, AttributeError, KeyError, RecursionError)
"""What reading a message raises whose fields have other types than they should."""


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
