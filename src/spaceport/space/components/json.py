"""JSON: any JSON value."""

from __future__ import annotations

from typing import Any

import msgspec

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected
from spaceport.wire.json import decode


class JSON(Component):
    """Any JSON value, unchanged. A returned text is parsed as JSON."""

    @property
    def info_name(self) -> str:
        return "Json"

    @property
    def example(self) -> Any:
        return {"foo": "bar"}

    def schema(self) -> dict[str, Any]:
        return {"type": {}, "description": "any valid json"}

    def to_wire(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return decode(value)
        except msgspec.DecodeError:
            raise ValueRejected("The function returned text that is not JSON to a JSON output.") from None
