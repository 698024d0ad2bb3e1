"""Dataframe: a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected

_TYPES = ("pandas", "polars", "numpy", "array")


class Dataframe(Component):
    """`type`: "pandas", "polars", "numpy" or "array" (a list of rows). `headers`: of a table without its own.

    A function returns a DataFrame (pandas, polars), a pandas Styler, a list of rows, a list, an array, or the wire's
    own `{"headers", "data"}`. Missing cells are null. pandas comes with the extra `data`.
    """

    def __init__(
        self,
        value: Any = None,
        *,
        headers: Sequence[str] | None = None,
        type: str = "pandas",  # noqa: A002  Gradio's name
        **props: Any,
    ) -> None:
        if type not in _TYPES:
            raise ValueError(f"type is one of {', '.join(_TYPES)}.")
        self.headers, self.type = [str(one) for one in headers or ("1", "2", "3")], type
        super().__init__({"headers": self.headers, "data": []} if value is None else value, **props)

    @property
    def example(self) -> Any:
        return {"headers": ["a", "b"], "data": [["foo", "bar"]]}

    def schema(self) -> dict[str, Any]:
        cells = {"anyOf": [{"items": {}, "type": "array"}, {"type": "null"}]}
        metadata = {"anyOf": [{"additionalProperties": cells, "type": "object"}, {"type": "null"}], "default": None}
        properties = {
            "headers": {"items": {}, "title": "Headers", "type": "array"},
            "data": {"items": {"items": {}, "type": "array"}, "title": "Data", "type": "array"},
            "metadata": {**metadata, "title": "Metadata"},
        }
        return {"properties": properties, "required": ["headers", "data"], "title": "DataframeData", "type": "object"}

    def from_wire(self, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("headers"), list):
            raise ValueRejected("A Dataframe takes an object with `headers` and `data`.", "dict_type")
        headers, rows = value["headers"], value.get("data")
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise ValueRejected("The `data` of a Dataframe is a list of rows.", "list_type")
        wrong = next((number for number, row in enumerate(rows, 1) if len(row) != len(headers)), None)
        if wrong is not None:
            raise ValueRejected(
                f"Row {wrong} has {len(rows[wrong - 1])} cells; there are {len(headers)} headers.", "length"
            )
        return headers, rows

    def load(self, value: Any) -> Any:
        if value is None:
            return None
        headers, rows = value
        if self.type == "array":
            return rows
        if self.type == "polars":
            import polars

            return polars.DataFrame(rows, schema=[str(one) for one in headers], orient="row", strict=False)
        import pandas

        frame = pandas.DataFrame(rows, columns=headers)
        return frame if self.type == "pandas" else frame.to_numpy()

    def to_wire(self, value: Any) -> Any:
        metadata = None
        if value is None:
            headers, rows = self.headers, []
        elif isinstance(value, dict):
            headers, rows = list(value.get("headers", self.headers)), [list(row) for row in value.get("data", ())]
            metadata = value.get("metadata")
        elif hasattr(value, "export") and hasattr(value, "data"):  # a pandas Styler
            headers, rows = _frame(value.data)
            metadata = _styles(value)
        elif hasattr(value, "columns"):
            headers, rows = _frame(value)
        elif isinstance(value, (list, tuple)) or hasattr(value, "tolist"):
            rows = value.tolist() if hasattr(value, "tolist") else list(value)
            rows = [list(row) if isinstance(row, (list, tuple)) else [row] for row in rows]
            headers = self._headers_for(max(map(len, rows), default=len(self.headers)))
        else:
            raise ValueRejected(f"A Dataframe shows a table or a list of rows, not {type(value).__name__}.")
        cells = [[_cell(cell) for cell in row] for row in rows]
        return {"headers": [_cell(header) for header in headers], "data": cells, "metadata": metadata}

    def _headers_for(self, count: int) -> list[str]:
        own = self.headers[:count]
        return own + [str(number) for number in range(len(own) + 1, count + 1)]


def _frame(frame: Any) -> tuple[list[Any], list[list[Any]]]:
    """Headers and rows of a DataFrame of pandas or polars."""
    headers = list(frame.columns)
    rows = frame.rows() if hasattr(frame, "rows") else frame.to_numpy(dtype=object).tolist()
    return headers, [list(row) for row in rows]


def _styles(styler: Any) -> dict[str, Any]:
    """The display text and the CSS of each cell of a pandas Styler."""
    translated = styler._compute()._translate(None, None)
    css = {
        selector: "; ".join(f"{name}: {text}" for name, text in style["props"])
        for style in translated["cellstyle"]
        for selector in style["selectors"]
    }
    display, styling = [], []
    for row in translated["body"]:
        cells = [cell for cell in row if cell["type"] == "td"]
        display.append([str(cell["display_value"]) for cell in cells])
        styling.append([css.get(cell.get("id", ""), "") for cell in cells])
    return {"display_value": display, "styling": styling}


def _cell(value: Any) -> Any:
    """The JSON value of a cell."""
    if hasattr(value, "item"):  # numpy's scalars
        value = value.item()
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [_cell(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _cell(one) for key, one in value.items()}
    return None if str(value) in ("NaT", "<NA>") else str(value)
