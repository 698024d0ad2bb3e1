"""The inputs of an endpoint: puts the values of a call in their places, checks and converts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spaceport.errors import problem
from spaceport.space.components.base import Component
from spaceport.space.errors import Fault, ValueRejected
from spaceport.space.files import SpaceFiles
from spaceport.space.signature import Argument
from spaceport.store import PinnedFiles

_MISSING = object()
_MAX_UNKNOWN = 20
"""Unknown parameters that an answer names."""
_MAX_NAME = 100
_MAX_TEXT = 2000


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
            unknown = arguments.keys() - self._places.keys()
            for name, value in arguments.items():
                if name not in unknown:
                    wire[self._places[name]] = value
                elif len(problems) < _MAX_UNKNOWN:
                    problems.append(self._unknown(name, value))
            if len(unknown) > _MAX_UNKNOWN:
                text = f"There are {len(unknown)} unknown parameters; the first {_MAX_UNKNOWN} are listed."
                problems.append(problem("body", text, "extra_forbidden"))
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

    def _unknown(self, name: str, value: Any) -> dict[str, Any]:
        short = name if len(name) <= _MAX_NAME else f"{name[:_MAX_NAME]}…"
        known = ", ".join(self._places) or "none"
        return problem(short, f"There is no parameter {short!r}. Parameters: {known}.", "extra_forbidden", value)

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
                problems += [_problem(argument.name, fault, error.kind, value) for fault in error.faults]
                values.append(None)
        return values


def _problem(name: str, fault: Fault, kind: str, value: Any) -> dict[str, Any]:
    """The entry for one place inside the value of a parameter."""
    text = fault.text if len(fault.text) <= _MAX_TEXT else f"{fault.text[:_MAX_TEXT]}…"
    for step in fault.path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
    return problem(name, text, kind, value, fault.path)


def has_default(argument: Argument) -> bool:
    """Whether callers may leave the argument out."""
    component = _component(argument)
    return component.default is not None or argument.none_default or getattr(component, "has_value", False)


def _component(argument: Argument) -> Component:
    """The component of an input."""
    assert argument.component is not None
    return argument.component
