"""Radio: one of a few choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from spaceport.space import choices as ch
from spaceport.space.components.base import Component


class Radio(Component):
    """`choices` are values, or (name, value) pairs; `type="index"` gives the function the position instead."""

    def __init__(
        self,
        choices: Sequence[Any] | None = None,
        value: Any = None,
        *,
        type: Literal["value", "index"] = "value",  # noqa: A002  Gradio's name
        **props: Any,
    ) -> None:
        super().__init__(value, **props)
        self.choices = ch.normalise(choices)
        self.type = type

    @property
    def example(self) -> Any:
        return self.choices[0][1] if self.choices else None

    def schema(self) -> dict[str, Any]:
        return ch.schema(self.choices, "Radio")

    def from_wire(self, value: Any) -> Any:
        if value is None:
            return None
        index = ch.pick(self.choices, value)
        return index if self.type == "index" else value

    def describe(self) -> dict[str, Any]:
        return {"choices": self.choices, "type": self.type}
