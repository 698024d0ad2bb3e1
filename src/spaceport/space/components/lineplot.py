"""LinePlot: points of a table, joined by lines."""

from __future__ import annotations

from typing import Any, ClassVar

from spaceport.space.components.base import Component
from spaceport.space.components.dataframe import Dataframe
from spaceport.space.errors import ValueRejected


class LinePlot(Component):
    """A function returns a DataFrame with the columns `x`, `y` and `color`; the page draws it."""

    mark: ClassVar[str] = "line"

    def __init__(
        self, value: Any = None, *, x: str | None = None, y: str | None = None, color: str | None = None, **props: Any
    ) -> None:
        super().__init__(value, **props)
        self.x, self.y, self.color = x, y, color

    def schema(self) -> dict[str, Any]:
        return {"type": {}, "description": "any valid json"}

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if not hasattr(value, "columns"):
            raise ValueRejected(f"A {type(self).__name__} shows a DataFrame, not {type(value).__name__}.")
        wanted = list(dict.fromkeys(name for name in (self.x, self.y, self.color) if name is not None))
        missing = [name for name in wanted if name not in value.columns]
        if missing:
            raise ValueRejected(f"The DataFrame has no column {', '.join(map(repr, missing))}.")
        table = Dataframe().to_wire(value[wanted] if wanted else value)
        kinds = {name: _kind(value[name]) for name in table["headers"]}
        return {"columns": table["headers"], "data": table["data"], "datatypes": kinds, "mark": self.mark}

    def describe(self) -> dict[str, Any]:
        return {"x": self.x, "y": self.y, "color": self.color}


def _kind(column: Any) -> str:
    name = str(column.dtype).lower()
    if any(word in name for word in ("int", "float", "decimal")):
        return "quantitative"
    return "temporal" if "date" in name else "nominal"
