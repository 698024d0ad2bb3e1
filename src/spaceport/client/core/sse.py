"""An event stream, from bytes to events (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_LINE_END = re.compile("\r\n|\n|\r")
_DECODER = codecs.getincrementaldecoder("utf-8")
EVENT_MAX = 256 << 20
"""Characters one event may have."""


class Event(NamedTuple):
    """`event` is "message" where the server named none; `id` is the newest id seen so far, empty if none was."""

    event: str
    data: str
    id: str


class EventParser:
    """Feed it bytes as they come; it gives complete events. What the stream cuts off is never an event.

    Comments, any line end, several data lines and characters split between chunks are fine.
    """

    def __init__(self) -> None:
        self._decoder = _DECODER("replace")
        self._rest = ""
        self._event = ""
        self._data: list[str] = []
        self._id = ""
        self._started = False

    def feed(self, chunk: bytes) -> list[Event]:
        """Complete events in `chunk` and what came before. Raises `ValueError` for an event without end."""
        text = self._rest + self._decoder.decode(chunk)
        if not self._started and text:
            text = text.removeprefix("\ufeff")
            self._started = True
        held = ""
        if text.endswith("\r"):  # a line feed may follow
            text, held = text[:-1], "\r"
        *lines, self._rest = _LINE_END.split(text) if "\r" in text else text.split("\n")
        self._rest += held
        if len(self._rest) > EVENT_MAX:
            raise ValueError(f"an event has more than {EVENT_MAX} characters")
        events = []
        for line in lines:
            if not line:
                if self._data:
                    events.append(Event(self._event or "message", "\n".join(self._data), self._id))
                self._event, self._data = "", []
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                self._data.append(value)
            elif field == "event":
                self._event = value
            elif field == "id" and "\0" not in value:
                self._id = value
        return events
