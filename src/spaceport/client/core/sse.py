"""An event stream, from bytes to events (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_LINE_END = re.compile("\r\n|\n|\r")
_DECODER = codecs.getincrementaldecoder("utf-8")
EVENT_MAX = 256 << 20
"""Characters that one event may have in a client."""


class Event(NamedTuple):
    """`event` is "message" where the server named none; `id` is the newest id seen so far, empty if none was."""

    event: str
    data: str
    id: str


class EventParser:
    """Feed it bytes as they come; it gives complete events. What the stream cuts off is never an event.

    Comments, any line end, several data lines and characters split between chunks are fine. The time is linear in the
    size of the stream: an incomplete line is kept in pieces, and only new text is searched for a line end.
    """

    def __init__(self, limit: int = EVENT_MAX) -> None:
        """`limit`: characters that one event may have, its incomplete line included."""
        self._limit = limit
        self._decoder = _DECODER("replace")
        self._pieces: list[str] = []
        """The incomplete line."""
        self._pending = 0
        """Characters of the incomplete line."""
        self._size = 0
        """Characters of the event's data so far."""
        self._held = ""
        """A carriage return that a line feed may follow."""
        self._event = ""
        self._data: list[str] = []
        self._id = ""
        self._started = False

    def feed(self, chunk: bytes) -> list[Event]:
        """Complete events in `chunk` and what came before. Raises `ValueError` for an event above the limit."""
        text = self._held + self._decoder.decode(chunk)
        if not self._started and text:
            text = text.removeprefix("\ufeff")
            self._started = True
        self._held = ""
        if text.endswith("\r"):
            text, self._held = text[:-1], "\r"
        first, *lines = _LINE_END.split(text) if "\r" in text else text.split("\n")
        if not lines:
            self._keep(first)
            return []
        rest = lines.pop()
        if self._pieces:
            first = "".join((*self._pieces, first))
            self._pieces, self._pending = [], 0
        events = []
        for line in (first, *lines):
            if not line:
                if self._data:
                    events.append(Event(self._event or "message", "\n".join(self._data), self._id))
                self._event, self._data, self._size = "", [], 0
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                self._data.append(value)
                self._size += len(value) + 1
            elif field == "event":
                self._event = value
            elif field == "id" and "\0" not in value:
                self._id = value
        self._keep(rest)
        return events

    def _keep(self, piece: str) -> None:
        """Add to the incomplete line."""
        if piece:
            self._pieces.append(piece)
            self._pending += len(piece)
        if self._size + self._pending > self._limit:
            raise ValueError(f"an event has more than {self._limit} characters")
