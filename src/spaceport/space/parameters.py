"""The inputs of an endpoint: puts the values of a call in their places, checks and converts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spaceport.errors import problem
from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected
from spaceport.space.files import SpaceFiles
from spaceport.space.signature import Argument
from spaceport.store import PinnedFiles

_MISSING = object()


class Parameters:
    """All inputs of an endpoint, those that callers do not see (State) included."""

    def __init__(self, arguments: Sequence[Argument]) -> None:
        self.inputs = [argument for argument in arguments if argument.kind == "input"]
        self.components = [_component(argument) for argument in self.inputs]
        self.shown = [place for place, component in enumerate(self.components) if not component.skip_api]
        """Places of the inputs that callers see."""
        self._places = {self.inputs[place].name: place for place in self.shown}

    @property
    def names(self) -> list[str]:
        """Names of the inputs that callers see."""
        return list(self._places)

    def align(self, arguments: list[Any] | dict[str, Any]) -> tuple[list[Any], list[dict[str, Any]]]:
        """One wire value for each input, defaults included, and a problem for each that is missing or unknown."""
        wire: list[Any] = [_MISSING] * len(self.inputs)
        problems: list[dict[str, Any]] = []
        if isinstance(arguments, dict):
            for name, value in arguments.items():
                place = self._places.get(name)
                if place is None:
                    known = ", ".join(self._places) or "none"
                    text = f"There is no parameter {name!r}. Parameters: {known}."
                    problems.append(problem(name, text, "extra_forbidden", value))
                else:
                    wire[place] = value
        elif len(arguments) == len(self.inputs):
            wire[:] = arguments
        elif len(arguments) > len(self.shown):
            text = f"{len(arguments)} values were given; this endpoint takes {len(self.shown)}."
            problems.append(problem("data", text, "too_many"))
        else:
            for place, value in zip(self.shown, arguments, strict=False):
                wire[place] = value
        for place, argument in enumerate(self.inputs):
            if wire[place] is not _MISSING:
                continue
            component = self.components[place]
            if component.skip_api:
                wire[place] = None
            elif has_default(argument):
                wire[place] = component.default
            elif not problems or problems[0]["type"] != "too_many":
                problems.append(problem(argument.name, "This argument is required.", "missing"))
        return wire, problems

    def convert(
        self,
        wire: list[Any],
        problems: list[dict[str, Any]],
        files: SpaceFiles | None,
        held: PinnedFiles | None,
        owner: str,
    ) -> list[Any]:
        """The Python values of `wire`. Their files are added to `held`.

        Files in `wire` become complete `FileData`; each value that is refused is added to `problems`.
        """
        values: list[Any] = []
        for place, (argument, component) in enumerate(zip(self.inputs, self.components, strict=True)):
            value = wire[place]
            if component.skip_api or value is _MISSING or (value is None and argument.none_default):
                values.append(None)
                continue
            try:
                if component.files and files is not None and held is not None:
                    wire[place] = component.mark_files(value)
                    value = files.resolve(wire[place], owner, held)
                values.append(component.from_wire(value))
            except ValueRejected as error:
                if value is None and has_default(argument):
                    values.append(component.from_wire(component.default))  # @gradio/client sends null for omitted
                    continue
                problems.append(problem(argument.name, error.message, error.kind, value))
                values.append(None)
        return values


def has_default(argument: Argument) -> bool:
    """Whether callers may leave the argument out."""
    component = _component(argument)
    return component.default is not None or argument.none_default or getattr(component, "has_value", False)


def _component(argument: Argument) -> Component:
    """The component of an input."""
    assert argument.component is not None
    return argument.component
