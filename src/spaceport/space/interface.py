"""`Interface(fn, inputs, outputs)`: Gradio's shortest app, one function with named components."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from spaceport.space.components import Component, get_component
from spaceport.space.signature import input_parameters
from spaceport.space.space import DEFAULT, Given, Space


class Interface(Space):
    """A Space of one endpoint. Arguments have Gradio's names; those that only style its page are taken and ignored."""

    def __init__(
        self,
        fn: Callable[..., Any],
        inputs: Given | Sequence[Given] | None,
        outputs: Given | Sequence[Given] | None,
        *,
        title: str | None = None,
        description: str | None = None,
        api_name: str | None = None,
        batch: bool = False,
        max_batch_size: int = 4,
        concurrency_limit: int | str | None = DEFAULT,
        time_limit: float | None = None,
        examples: Sequence[Any] | None = None,
        cache_examples: bool | None = False,
        **_: Any,
    ) -> None:
        super().__init__(title or "Spaceport", description, mode="interface")
        names = [parameter.name for parameter in input_parameters(fn)]
        made_in = _labelled(inputs, names)
        made_out = _labelled(outputs, ["output"] if not _several(outputs) else [f"output {i}" for i in range(99)])
        self.api(
            fn,
            name=api_name,
            inputs=made_in,
            outputs=made_out,
            batch=batch,
            max_batch_size=max_batch_size,
            concurrency_limit=concurrency_limit,
            time_limit=time_limit,
            examples=examples or (),
            cache_examples=bool(cache_examples),
        )


def _several(given: Any) -> bool:
    return isinstance(given, (list, tuple)) and len(given) > 1


def _labelled(given: Given | Sequence[Given] | None, names: list[str]) -> list[Component]:
    """Components, with the parameter's name as the label of each that has none."""
    many: list[Any] = [] if given is None else list(given) if isinstance(given, (list, tuple)) else [given]
    made = [get_component(one) for one in many]
    for component, name in zip(made, names, strict=False):
        if component.label is None:
            component.label = name
    return made
