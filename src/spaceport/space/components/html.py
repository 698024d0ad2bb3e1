"""HTML: text in HTML."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component, text


class HTML(Component):
    """The text is passed on unchanged; the page sanitises what it shows."""

    @property
    def info_name(self) -> str:
        return "Html"

    @property
    def example(self) -> Any:
        return "<p>Hello</p>"

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def from_wire(self, value: Any) -> str | None:
        return text(value, "HTML")
