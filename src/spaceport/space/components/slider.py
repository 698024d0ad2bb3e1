"""Slider: a number in a range."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component, number
from spaceport.space.errors import ValueRejected


class Slider(Component):
    """A number from `minimum` to `maximum`; without a value it starts at the minimum."""

    def __init__(
        self,
        minimum: float = 0,
        maximum: float = 100,
        value: Any = None,
        step: float | None = None,
        **props: Any,
    ) -> None:
        super().__init__(minimum if value is None else value, **props)
        self.minimum: float = minimum
        self.maximum: float = maximum
        self.step = step

    @property
    def example(self) -> Any:
        return self.minimum

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "description": f"numeric value between {self.minimum} and {self.maximum}"}

    def from_wire(self, value: Any) -> int | float:
        found = number(value, "A Slider")
        if found < self.minimum:
            raise ValueRejected(f"Value {found} is less than minimum value {self.minimum}.", "greater_than_equal")
        if found > self.maximum:
            raise ValueRejected(f"Value {found} is greater than maximum value {self.maximum}.", "less_than_equal")
        return found

    def to_wire(self, value: Any) -> Any:
        return self.minimum if value is None else value

    def describe(self) -> dict[str, Any]:
        return {"minimum": self.minimum, "maximum": self.maximum, "step": self.step}
