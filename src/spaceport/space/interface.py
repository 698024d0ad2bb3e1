"""`Interface(fn, inputs, outputs)`: one function with components, as in Gradio."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Literal

from spaceport.space.components import Component, get_component
from spaceport.space.ignored import warn_ignored
from spaceport.space.signature import input_parameters
from spaceport.space.space import DEFAULT, Given, Space


class Interface(Space):
    """A Space of one endpoint. Arguments have Gradio's names; those that have no effect here are named in a warning."""

    def __init__(
        self,
        fn: Callable[..., Any],
        inputs: Given | Sequence[Given] | None,
        outputs: Given | Sequence[Given] | None,
        examples: Sequence[Any] | None = None,
        *,
        additional_inputs: Given | Sequence[Given] | None = None,
        title: str | None = None,
        description: str | None = None,
        api_name: str | None = None,
        api_description: str | Literal[False] | None = None,
        api_visibility: str = "public",
        batch: bool = False,
        max_batch_size: int = 4,
        concurrency_limit: int | str | None = DEFAULT,
        time_limit: float | None = None,
        cache_examples: bool | None = False,
        validator: Callable[..., Any] | None = None,
        **ignored: Any,
    ) -> None:
        super().__init__(title or "Spaceport", description, mode="interface")
        warn_ignored("Interface", ignored, inspect.signature(Interface).parameters)
        names = [parameter.name for parameter in input_parameters(fn)]
        made_in = _labelled([*_listed(inputs), *_listed(additional_inputs)], names)
        made_out = _labelled(outputs, ["output"] if not _several(outputs) else [f"output {i}" for i in range(99)])
        self.api(
            fn,
            name=api_name,
            description=api_description or "" if api_description is not None else None,
            inputs=made_in,
            outputs=made_out,
            batch=batch,
            max_batch_size=max_batch_size,
            concurrency_limit=concurrency_limit,
            time_limit=time_limit,
            visibility=api_visibility,
            validator=validator,
            examples=_rows(examples),
            cache_examples=bool(cache_examples),
        )


def _rows(examples: Sequence[Any] | None) -> Sequence[Any]:
    if isinstance(examples, str):
        raise TypeError("examples is a list of rows; a folder of examples is not supported.")
    return examples or ()


def _several(given: Any) -> bool:
    return isinstance(given, (list, tuple)) and len(given) > 1


def _labelled(given: Given | Sequence[Given] | None, names: list[str]) -> list[Component]:
    """Components, with the parameter's name as the label of each that has none."""
    made = [get_component(one) for one in _listed(given)]
    for component, name in zip(made, names, strict=False):
        if component.label is None:
            component.label = name
    return made


def _listed(given: Given | Sequence[Given] | None) -> list[Any]:
    return [] if given is None else list(given) if isinstance(given, (list, tuple)) else [given]
