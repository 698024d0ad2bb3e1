"""Errors that components and files raise about one value of a call."""

from __future__ import annotations

from spaceport.errors import InvalidInput


class ValueRejected(InvalidInput):
    """A component does not take this value, or cannot show it. Whoever binds the call adds the parameter's name."""

    def __init__(self, message: str, kind: str = "value_error") -> None:
        super().__init__(message)
        self.kind = kind
