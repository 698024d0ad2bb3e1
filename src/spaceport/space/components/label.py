"""Label: a classification, the best first."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected


class Label(Component):
    """Takes a name, or a dict of name → confidence; shows the `num_top_classes` best."""

    def __init__(self, value: Any = None, *, num_top_classes: int | None = None, **props: Any) -> None:
        super().__init__({} if value is None else value, **props)
        self.num_top_classes = num_top_classes

    @property
    def example(self) -> Any:
        return {
            "label": "Cat",
            "confidences": [{"label": "cat", "confidence": 0.9}, {"label": "dog", "confidence": 0.1}],
        }

    def schema(self) -> dict[str, Any]:
        confidence = {
            "type": "object",
            "title": "LabelConfidence",
            "properties": {
                "label": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "null"}]},
                "confidence": {"anyOf": [{"type": "number"}, {"type": "null"}], "default": None},
            },
        }
        return {
            "type": "object",
            "title": "LabelData",
            "properties": {
                "label": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "null"}]},
                "confidences": {"anyOf": [{"type": "array", "items": confidence}, {"type": "null"}], "default": None},
            },
        }

    def from_wire(self, value: Any) -> Any:
        if value is None or value == {}:
            return None
        if not isinstance(value, dict) or "label" not in value:
            raise ValueRejected("A Label takes an object with `label` and `confidences`.", "dict_type")
        if not value.get("confidences"):
            return value["label"]
        return {one["label"]: one["confidence"] for one in value["confidences"]}

    def to_wire(self, value: Any) -> Any:
        if value is None or value == {}:
            return {}
        if isinstance(value, dict):
            if set(value) == {"label", "confidences"}:
                return value
            ranked = sorted(value.items(), key=lambda item: item[1], reverse=True)[: self.num_top_classes]
            confidences = [{"label": name, "confidence": share} for name, share in ranked]
            return {"label": ranked[0][0], "confidences": confidences}
        if isinstance(value, (str, int, float)):
            return {"label": str(value), "confidences": None}
        raise ValueRejected(f"A Label shows a name or a dict of confidences, not {type(value).__name__}.")
