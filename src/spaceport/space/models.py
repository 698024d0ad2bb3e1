"""Classes with typed fields: dataclasses, TypedDicts, NamedTuples, msgspec Structs, attrs classes, pydantic models."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from typing import Any

import msgspec

_MAX_DEPTH = 64


def is_model(annotation: Any) -> bool:
    """Whether msgspec takes it as a class with fields; a generic one counts with its arguments."""
    kind = typing.get_origin(annotation) or annotation
    if not isinstance(kind, type):
        return False
    return (
        dataclasses.is_dataclass(kind)
        or issubclass(kind, msgspec.Struct)
        or hasattr(kind, "__attrs_attrs__")
        or (issubclass(kind, dict) and hasattr(kind, "__total__"))  # TypedDict, of typing or typing_extensions
        or (issubclass(kind, tuple) and hasattr(kind, "_fields"))
    )


def uses_pydantic(annotation: Any) -> bool:
    """Whether a type of pydantic is in an annotation, or in a field of a class in it."""
    return any(_is_pydantic(one) for one in _types(annotation))


def has_dataclass(annotation: Any) -> bool:
    """Whether a dataclass is in an annotation, or in a field of a class in it."""
    return any(isinstance(one, type) and dataclasses.is_dataclass(one) for one in _types(annotation))


def complete(value: Any, depth: int = 0) -> Any:
    """The value, with every dataclass instance in it given the defaults of its fields as attributes of its own.

    msgspec leaves a field that was not sent to the class, where neither `vars` nor an encoder finds it.
    """
    if depth > _MAX_DEPTH:
        return value
    if isinstance(value, dict):
        for one in value.values():
            complete(one, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            complete(one, depth + 1)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            complete(getattr(value, name), depth + 1)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        own = getattr(value, "__dict__", None)
        for field in dataclasses.fields(value):
            if own is not None and field.name not in own and field.default is not dataclasses.MISSING:
                object.__setattr__(value, field.name, field.default)
            complete(getattr(value, field.name, None), depth + 1)
    elif hasattr(type(value), "__attrs_attrs__"):
        for field in type(value).__attrs_attrs__:
            complete(getattr(value, field.name, None), depth + 1)
    return value


def _is_pydantic(annotation: Any) -> bool:
    if isinstance(annotation, type) and hasattr(annotation, "__pydantic_core_schema__"):
        return True
    return str(getattr(annotation, "__module__", "")).startswith("pydantic.")


def _types(annotation: Any) -> Iterator[Any]:
    """An annotation, the annotations in it, and those of the fields of its classes, each class once."""
    seen: set[int] = set()
    waiting = [annotation]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += typing.get_args(one)
        kind = typing.get_origin(one) or one
        if is_model(kind):
            yield kind
            waiting += _field_types(kind)


def _field_types(kind: type) -> list[Any]:
    try:
        return list(typing.get_type_hints(kind).values())
    except (NameError, TypeError, AttributeError):
        return []  # a forward reference that cannot be resolved; msgspec or pydantic say so
