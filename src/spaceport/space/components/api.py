"""Api: a value typed by a Python annotation, without a component; as Gradio's own `gr.api` shows it."""

from __future__ import annotations

from typing import Any

from spaceport.space.arrays import array_adapter
from spaceport.space.components.base import Component
from spaceport.space.type_adapter import TypeAdapter


class Api(Component):
    """Checks and converts by the annotation: a dataclass arrives as one, "5" is taken for an int, 5.5 is not."""

    def __init__(self, annotation: Any, value: Any = None, *, has_value: bool = False, **props: Any) -> None:
        super().__init__(value, **props)
        self.adapter = array_adapter(annotation) or TypeAdapter(annotation)
        self.has_value = has_value

    @property
    def default(self) -> Any:
        return self.to_wire(self.value)

    @property
    def example(self) -> Any:
        return "..." if self.default is None else self.default

    def schema(self) -> dict[str, Any]:
        return self.adapter.schema()

    def from_wire(self, value: Any) -> Any:
        return self.adapter.load(value)

    def to_wire(self, value: Any) -> Any:
        return self.adapter.dump(value)
