"""ColorPicker: a colour as text."""

from __future__ import annotations

import re
from typing import Any

from spaceport.space.components.base import Component, text
from spaceport.space.errors import ValueRejected

_HEX = r"#[0-9a-fA-F]{3,4}|#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?"
_COLOUR = re.compile(_HEX + r"|(?:rgb|hsl)a?\([\d\s.,%/+-]{1,60}\)|[a-zA-Z]{3,30}")


class ColorPicker(Component):
    """`#rrggbb`, `rgb(…)`, `hsl(…)` or a CSS name, as it was sent."""

    @property
    def example(self) -> Any:
        return "#000000"

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def from_wire(self, value: Any) -> str | None:
        found = text(value, "A ColorPicker")
        if found is not None and not _COLOUR.fullmatch(found):
            raise ValueRejected(
                f"{found[:50]!r} is not a valid colour: send #rrggbb, rgb(…), hsl(…) or a CSS name.", "color"
            )
        return found

    def to_wire(self, value: Any) -> str | None:
        return None if value is None else str(value)
