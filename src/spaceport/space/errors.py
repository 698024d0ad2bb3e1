"""Errors of a Space: about one value of a call, and about the port that it should listen on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from spaceport.errors import Conflict, InvalidInput


class Fault(NamedTuple):
    """What is wrong with one place inside a value: the keys and indices that lead to it, and why."""

    path: tuple[str | int, ...]
    text: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.text}" if self.path else self.text


class ValueRejected(InvalidInput):
    """A component does not take this value, or cannot show it. Whoever binds the call adds the parameter's name.

    `faults`: the places inside the value that do not fit; without them the message is about the whole value.
    """

    def __init__(self, message: str, kind: str = "value_error", faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.faults = faults or [Fault((), message)]


class CannotListen(Conflict, OSError):
    """The address or port is taken, or is none that this machine can listen on."""
