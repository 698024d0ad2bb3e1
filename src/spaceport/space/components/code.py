"""Code: text in a programming language."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component, text
from spaceport.space.errors import ValueRejected


class Code(Component):
    """`language` is for the page's highlighting."""

    def __init__(self, value: Any = None, language: str | None = None, **props: Any) -> None:
        super().__init__(value, **props)
        self.language = language

    @property
    def example(self) -> Any:
        return "print('Hello World')"

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def from_wire(self, value: Any) -> str | None:
        return text(value, "Code")

    def to_wire(self, value: Any) -> str | None:
        if value is not None and not isinstance(value, str):
            raise ValueRejected(f"A Code shows text, not {type(value).__name__}.")
        return value

    def describe(self) -> dict[str, Any]:
        return {"language": self.language}
