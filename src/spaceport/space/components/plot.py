"""Plot: a figure of matplotlib, plotly, altair or bokeh."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected

_KINDS = ("altair", "bokeh", "plotly", "matplotlib")


class Plot(Component):
    """A function returns the figure; on the wire it is its JSON, matplotlib's a picture (`format`) as a data URL."""

    def __init__(self, value: Any = None, *, format: str = "webp", **props: Any) -> None:  # noqa: A002  Gradio's name
        super().__init__(value, **props)
        self.format = format

    def schema(self) -> dict[str, Any]:
        properties = {
            "type": {"enum": list(_KINDS), "title": "Type", "type": "string"},
            "plot": {"title": "Plot", "type": "string"},
        }
        return {"properties": properties, "required": ["type", "plot"], "title": "PlotData", "type": "object"}

    def from_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict) or value.get("type") not in _KINDS or not isinstance(value.get("plot"), str):
            raise ValueRejected(f"A Plot takes an object with `type` ({', '.join(_KINDS)}) and `plot`.", "dict_type")
        return value

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, dict):
            return self.from_wire(value)
        module = type(value).__module__.partition(".")[0]
        if module == "altair":
            return {"type": "altair", "plot": value.to_json()}
        if module == "plotly":
            return {"type": "plotly", "plot": value.to_json()}
        if module == "bokeh":
            from bokeh.embed import json_item

            return {"type": "bokeh", "plot": json.dumps(json_item(value))}
        if hasattr(value, "savefig") or hasattr(value, "get_figure"):
            return {"type": "matplotlib", "plot": self._picture(value)}
        raise ValueRejected(f"A Plot shows a figure of {', '.join(_KINDS)}, not {type(value).__name__}.")

    def _picture(self, value: Any) -> str:
        figure = value if hasattr(value, "savefig") else value.get_figure()
        target = io.BytesIO()
        figure.savefig(target, format=self.format, bbox_inches="tight")
        return f"data:image/{self.format};base64,{base64.b64encode(target.getvalue()).decode()}"
