"""JSON schemas of Python annotations, without pydantic.

Forms follow gradio-wire §16 where Gradio has one (`Literal` → enum, `X | None` → oneOf with null first). A class that
refers to no other class stands in its place; others are `$ref`s into the `$defs` of the whole schema.
"""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Union

import msgspec

from spaceport.space.models import is_model

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_TIMES = {dt.datetime: "date-time", dt.date: "date", dt.time: "time"}
_LISTS = (list, Sequence, set, frozenset, tuple)
_REFERENCE = "#/$defs/"


def schema_of(annotation: Any) -> dict[str, Any]:
    """The JSON schema of an annotation. Raises `TypeError` for a class that JSON cannot carry."""
    models = list(dict.fromkeys(_models(annotation)))
    found, definitions = msgspec.json.schema_components(
        models, schema_hook=lambda _: {}, ref_template=f"{_REFERENCE}{{name}}"
    )
    schemas = dict(zip(models, found, strict=True))
    for model, schema in schemas.items():
        name = _name(schema)
        if name is not None and not _reachable(definitions[name], definitions):
            schemas[model] = definitions[name]
    return with_definitions(_schema(annotation, schemas), definitions)


def with_definitions(schema: dict[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with the definitions that it needs; one that is a reference as a whole is put in its place."""
    name = _name(schema)
    if name is not None and name in definitions:
        schema = definitions[name]
    needed = _reachable(schema, definitions)
    return {**schema, "$defs": needed} if needed else schema


def _reachable(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = list(_references(schema))
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in found:
            found[name] = definitions[name]
            waiting += _references(definitions[name])
    return found


def _references(schema: Any) -> Iterator[str]:
    """Names of all definitions that a schema refers to."""
    if isinstance(schema, dict):
        name = _name(schema)
        if name is not None:
            yield name
        for one in schema.values():
            yield from _references(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _references(one)


def _name(schema: Mapping[str, Any]) -> str | None:
    """The definition that a schema is a reference to."""
    reference = schema.get("$ref")
    return reference.removeprefix(_REFERENCE) if isinstance(reference, str) else None


def _models(annotation: Any) -> Iterator[Any]:
    """The outermost classes with fields in an annotation."""
    if is_model(annotation):
        yield annotation
        return
    for one in typing.get_args(annotation):
        yield from _models(one)


def _schema(annotation: Any, models: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    if annotation is Any or annotation is object:
        return {}
    if is_model(annotation):
        return models[annotation]
    if annotation in _SCALARS:
        return {"type": _SCALARS[annotation]}
    if annotation in _TIMES:
        return {"type": "string", "format": _TIMES[annotation]}
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return {"const": args[0]} if len(args) == 1 else {"enum": list(args)}
    if origin in (Union, types.UnionType):
        return _union([_schema(one, models) for one in args])
    if annotation in _LISTS or origin in _LISTS:
        return _array(origin or annotation, args, models)
    if annotation is dict or origin is dict:
        return {"type": "object", "additionalProperties": _schema(args[1], models) if args else {}}
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return {"enum": [member.value for member in annotation]}
    return {}


def _union(members: list[dict[str, Any]]) -> dict[str, Any]:
    null = {"type": "null"}
    if len(members) == 2 and null in members:
        return {"oneOf": [null, members[1] if members[0] == null else members[0]]}
    return {"anyOf": members}


def _array(origin: Any, args: tuple[Any, ...], models: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    if origin is tuple and args and args[-1] is not Ellipsis:
        items = [_schema(one, models) for one in args]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    found: dict[str, Any] = {"type": "array", "items": _schema(args[0], models) if args else {}}
    if origin in (set, frozenset):
        found["uniqueItems"] = True
    return found
