"""The components. Adding one is adding a file: `load` finds a class by the lower-case name of its module."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from spaceport.space.components.base import Component

__all__ = ["Component", "get_component", "load", "names"]


@cache
def names() -> frozenset[str]:
    """Module names of all components."""
    return frozenset(module.name for module in pkgutil.iter_modules(__path__)) - {"base"}


def load(name: str) -> type[Component]:
    """The component class of this name, in any case. Raises `KeyError` if there is none."""
    key = name.lower()
    if key not in names():
        raise KeyError(name)
    module = importlib.import_module(f"{__name__}.{key}")
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Component) and value.__name__.lower() == key:
            return value
    raise KeyError(name)


def get_component(given: str | Component | type[Component]) -> Component:
    """A component from what `Interface` takes: its name like "text", its class, or the component itself."""
    if isinstance(given, Component):
        return given
    if isinstance(given, type):
        return given()
    alias = {"text": "textbox", "textarea": "textbox", "num": "number", "list": "json", "dict": "json"}
    key = given.strip().lower()
    try:
        return load(alias.get(key, key))()
    except KeyError:
        known = ", ".join(sorted(names() - {"api"}))
        raise ValueError(f"There is no component {given!r}. Components: {known}.") from None
