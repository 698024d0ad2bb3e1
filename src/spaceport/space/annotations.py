"""Components for plain annotations of files and tables: `Path`, `bytes`, `BinaryIO`, PIL images, DataFrames, figures.

Types of libraries are recognised by name, so that the library need not be imported.
"""

from __future__ import annotations

import pathlib
import types
import typing
from collections.abc import Callable
from typing import Any, BinaryIO, Union

from spaceport.space.components import Component, load

_NAMES: dict[tuple[str, str], Callable[[], Component]] = {
    ("PIL.Image", "Image"): lambda: load("image")(type="pil"),
    ("pandas", "DataFrame"): lambda: load("dataframe")(type="pandas"),
    ("polars", "DataFrame"): lambda: load("dataframe")(type="polars"),
    ("matplotlib", "Figure"): load("plot"),
    ("plotly", "Figure"): load("plot"),
}


def component_of(hint: Any) -> Component | None:
    """The component for an annotation, or None if its values are plain JSON."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        members = [one for one in typing.get_args(hint) if one is not type(None)]
        return component_of(members[0]) if len(members) == 1 else None
    if typing.get_origin(hint) is list and typing.get_args(hint) in ((pathlib.Path,), (bytes,)):
        (item,) = typing.get_args(hint)
        return load("file")(file_count="multiple", type="path" if item is pathlib.Path else "binary")
    if hint is pathlib.Path:
        return load("file")(type="path")
    if hint is bytes:
        return load("file")(type="binary")
    if hint is BinaryIO:
        return load("file")(type="file")
    if not isinstance(hint, type):
        return None
    for (module, name), make in _NAMES.items():
        if hint.__name__ == name and (hint.__module__ == module or hint.__module__.startswith(f"{module}.")):
            return make()
    return None
