"""CheckboxGroup: any of a few choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from spaceport.space import choices as ch
from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected


class CheckboxGroup(Component):
    """A list of choices; without a value it starts empty."""

    def __init__(
        self,
        choices: Sequence[Any] | None = None,
        value: Any = None,
        *,
        type: Literal["value", "index"] = "value",  # noqa: A002  Gradio's name
        **props: Any,
    ) -> None:
        super().__init__([] if value is None else value, **props)
        self.choices = ch.normalise(choices)
        self.type = type

    @property
    def example(self) -> Any:
        return [self.choices[0][1]] if self.choices else []

    def schema(self) -> dict[str, Any]:
        values = [value for _, value in self.choices]
        return {"type": "array", "items": {"enum": values, "type": "string"}, "title": "Checkbox Group"}

    def from_wire(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueRejected("A CheckboxGroup takes an array of choices.", "list_type")
        indexes = [ch.pick(self.choices, item) for item in value]
        return list(indexes) if self.type == "index" else value

    def to_wire(self, value: Any) -> list[Any]:
        if value is None:
            return []
        return list(value) if isinstance(value, (list, tuple, set)) else [value]

    def describe(self) -> dict[str, Any]:
        return {"choices": self.choices, "type": self.type}
