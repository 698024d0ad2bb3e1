"""Finds the places inside a value that do not fit its annotation. msgspec itself stops at the first."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterator
from itertools import islice
from typing import Any, Union

import msgspec

from spaceport.space.errors import Fault

MAX_FAULTS = 20
"""Faults of one value that an answer names."""
_MESSAGE = re.compile(r"(?P<text>.*) - at `(?:key in )?\$(?P<path>.*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def faults_of(value: Any, annotation: Any, error: msgspec.ValidationError) -> list[Fault]:
    """All faults of a JSON value that msgspec refused with `error`, 20 at most; each part is looked at once."""
    return list(islice(_faults(value, annotation, ()), MAX_FAULTS)) or [_fault(error, ())]


def _faults(value: Any, annotation: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    annotation = _without_none(annotation) if value is not None else annotation
    members = _members(annotation) if isinstance(value, dict) else None
    if members is not None:
        for name, (kind, required) in members.items():
            if name in value:
                yield from _faults(value[name], kind, (*path, name))
            elif required:
                yield Fault((*path, name), "This value is required.")
        return
    if isinstance(value, list) and typing.get_origin(annotation) is list:
        (item,) = typing.get_args(annotation)
        for index, one in enumerate(value):
            yield from _faults(one, item, (*path, index))
        return
    try:
        msgspec.convert(value, annotation, strict=True)
    except msgspec.ValidationError as error:
        yield _fault(error, path)


def _without_none(annotation: Any) -> Any:
    """`X` of `X | None` and `Optional[X]`; `X` of `Annotated[X, …]` stays as it is, with what it asks for."""
    if _mark(annotation):
        return _without_none(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (Union, types.UnionType):
        others = [one for one in typing.get_args(annotation) if one is not type(None)]
        return others[0] if len(others) == 1 else annotation
    return annotation


def _mark(annotation: Any) -> str:
    """What a member of a TypedDict is marked as. Where annotations are texts, `__required_keys__` does not know it."""
    name = getattr(typing.get_origin(annotation), "_name", None)
    return name if name in ("Required", "NotRequired") else ""


def _members(annotation: Any) -> dict[str, tuple[Any, bool]] | None:
    """The fields of a class by their names in JSON: their types, and whether they are required. None for others."""
    try:
        return _fields(annotation) if isinstance(annotation, type) else None
    except (NameError, TypeError, AttributeError):
        return None  # a forward reference that cannot be resolved from here


def _fields(annotation: type) -> dict[str, tuple[Any, bool]] | None:
    if issubclass(annotation, msgspec.Struct):
        config = annotation.__struct_config__
        if config.tag is not None or config.forbid_unknown_fields or config.array_like:
            return None
        return {one.encode_name: (one.type, one.required) for one in msgspec.structs.fields(annotation)}
    if issubclass(annotation, dict) and hasattr(annotation, "__required_keys__"):
        hints = typing.get_type_hints(annotation, include_extras=True)
        required = annotation.__required_keys__
        return {
            name: (kind, _mark(kind) == "Required" or (name in required and not _mark(kind)))
            for name, kind in hints.items()
        }
    if dataclasses.is_dataclass(annotation):
        hints = typing.get_type_hints(annotation, include_extras=True)
        return {one.name: (hints[one.name], _is_required(one)) for one in dataclasses.fields(annotation) if one.init}
    return None


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _fault(error: msgspec.ValidationError, path: tuple[str | int, ...]) -> Fault:
    """What msgspec says, with its path as one of ours."""
    text = str(error)
    found = _MESSAGE.fullmatch(text)
    if found is None:
        return Fault(path, text)
    steps, at = [], 0
    while step := _STEP.match(found["path"], at):
        steps.append(step[1] if step[2] is None else int(step[2]))
        at = step.end()
    return Fault((*path, *steps), found["text"] if at == len(found["path"]) else text)
