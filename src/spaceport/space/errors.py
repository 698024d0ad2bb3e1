"""Errors of a Space: about one value of a call, and about the port that it should listen on."""

from __future__ import annotations

from spaceport.errors import Conflict, InvalidInput


class ValueRejected(InvalidInput):
    """A component does not take this value, or cannot show it. Whoever binds the call adds the parameter's name."""

    def __init__(self, message: str, kind: str = "value_error") -> None:
        super().__init__(message)
        self.kind = kind


class CannotListen(Conflict, OSError):
    """The address or port is taken, or is none that this machine can listen on."""
