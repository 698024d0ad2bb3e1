"""Markdown: text in Markdown."""

from __future__ import annotations

import textwrap
from typing import Any

from spaceport.space.components.base import Component, text


class Markdown(Component):
    """A returned text loses the indentation that all its lines share."""

    @property
    def example(self) -> Any:
        return "# Hello!"

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def from_wire(self, value: Any) -> str | None:
        return text(value, "Markdown")

    def to_wire(self, value: Any) -> str | None:
        return None if value is None else textwrap.dedent(str(value)).strip("\n")
