"""Checkbox: yes or no."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component, json_name
from spaceport.space.errors import ValueRejected


class Checkbox(Component):
    """A boolean; without a value it starts as false."""

    def __init__(self, value: Any = False, **props: Any) -> None:
        super().__init__(value, **props)

    @property
    def example(self) -> Any:
        return True

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def from_wire(self, value: Any) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        if value in (0, 1) and isinstance(value, (int, float)):
            return bool(value)
        raise ValueRejected(f"A Checkbox takes true or false, not {json_name(value)}.", "bool_type")

    def to_wire(self, value: Any) -> bool:
        return bool(value)
