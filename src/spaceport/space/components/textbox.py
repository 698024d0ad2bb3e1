"""Textbox: a text."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component, text
from spaceport.space.errors import ValueRejected


class Textbox(Component):
    """One text. `lines`, `placeholder`, `type` ("text", "password", "email") are for the page."""

    def __init__(self, value: Any = None, *, max_length: int | None = None, **props: Any) -> None:
        super().__init__(value, **props)
        self.max_length = max_length

    @property
    def example(self) -> Any:
        return "Hello!!"

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def from_wire(self, value: Any) -> str | None:
        found = text(value, "A Textbox")
        if found is not None and self.max_length is not None and len(found) > self.max_length:
            raise ValueRejected(
                f"The text has {len(found)} characters; at most {self.max_length} are taken.", "too_long"
            )
        return found

    def to_wire(self, value: Any) -> str | None:
        return None if value is None else str(value)
