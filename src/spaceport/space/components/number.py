"""Number: an int or a float."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component, number
from spaceport.space.errors import ValueRejected


class Number(Component):
    """`precision` rounds to that many decimals; 0 makes it an int. Outside of `minimum`..`maximum` is refused."""

    def __init__(
        self,
        value: Any = None,
        *,
        precision: int | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        **props: Any,
    ) -> None:
        super().__init__(value, **props)
        self.precision, self.minimum, self.maximum = precision, minimum, maximum

    @property
    def example(self) -> Any:
        return 3 if self.minimum is None else self.minimum

    def schema(self) -> dict[str, Any]:
        return {"type": "integer" if self.precision == 0 else "number"}

    def from_wire(self, value: Any) -> int | float | None:
        if value is None:
            return None
        found = self._rounded(number(value, "A Number"))
        if self.minimum is not None and found < self.minimum:
            raise ValueRejected(f"Value {found} is less than minimum value {self.minimum}.", "greater_than_equal")
        if self.maximum is not None and found > self.maximum:
            raise ValueRejected(f"Value {found} is greater than maximum value {self.maximum}.", "less_than_equal")
        return found

    def to_wire(self, value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._rounded(value)
        return value

    def _rounded(self, value: int | float) -> int | float:
        if self.precision is None:
            return value
        return round(value) if self.precision == 0 else round(value, self.precision)

    def describe(self) -> dict[str, Any]:
        return {"precision": self.precision, "minimum": self.minimum, "maximum": self.maximum}
