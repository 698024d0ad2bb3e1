"""Dropdown: one of many choices, or several with `multiselect`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from spaceport.space import choices as ch
from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected

_FIRST = object()


class Dropdown(Component):
    """Without a value it starts at its first choice. `allow_custom_value` takes what is not among the choices."""

    def __init__(
        self,
        choices: Sequence[Any] | None = None,
        value: Any = _FIRST,
        *,
        type: Literal["value", "index"] = "value",  # noqa: A002  Gradio's name
        multiselect: bool = False,
        allow_custom_value: bool = False,
        **props: Any,
    ) -> None:
        self.choices = ch.normalise(choices)
        self.multiselect, self.allow_custom_value, self.type = bool(multiselect), allow_custom_value, type
        if value is _FIRST:
            value = [] if self.multiselect else (self.choices[0][1] if self.choices else None)
        super().__init__(value, **props)

    @property
    def example(self) -> Any:
        first = self.choices[0][1] if self.choices else None
        return [first] if self.multiselect else first

    def schema(self) -> dict[str, Any]:
        values = [value for _, value in self.choices]
        one: dict[str, Any] = {"type": "string"} if self.allow_custom_value else {"type": "string", "enum": values}
        return {"type": "array", "items": one} if self.multiselect else one

    def from_wire(self, value: Any) -> Any:
        if value is None:
            return [] if self.multiselect else None
        if not self.multiselect:
            return self._one(value)
        if not isinstance(value, list):
            raise ValueRejected("This Dropdown takes an array of choices.", "list_type")
        return [self._one(item) for item in value]

    def to_wire(self, value: Any) -> Any:
        if not self.multiselect or value is None:
            return value
        return list(value) if isinstance(value, (list, tuple)) else [value]

    def _one(self, value: Any) -> Any:
        if self.allow_custom_value and not any(known == value for _, known in self.choices):
            return None if self.type == "index" else value
        index = ch.pick(self.choices, value)
        return index if self.type == "index" else value

    def describe(self) -> dict[str, Any]:
        return {
            "choices": self.choices,
            "type": self.type,
            "multiselect": self.multiselect,
            "allow_custom_value": self.allow_custom_value,
        }
