"""Python annotations as JSON schemas and converters: msgspec for what it knows, pydantic for its own models.

Coercions are lossless only: "5" and 5.0 are an int, 5 is a float; 5.5 is no int and 1 is no boolean.
Schema forms follow gradio.md §16 where Gradio has one (`Literal` → enum, `X | None` → oneOf with null first).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import types
import typing
from collections.abc import Sequence
from typing import Any, Literal, Union

import msgspec

from spaceport.space.errors import ValueRejected
from spaceport.wire.json import decode, encode

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


class TypeAdapter:
    """Loads wire values into one annotation and dumps returned ones. Raises `TypeError` for one it cannot serve."""

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        self._pydantic: Any = None
        if _uses_pydantic(annotation):
            import pydantic

            self._pydantic = pydantic.TypeAdapter(annotation)

    def schema(self) -> dict[str, Any]:
        if self._pydantic is not None:
            found: dict[str, Any] = self._pydantic.json_schema()
            return found
        return schema_of(self.annotation)

    def load(self, value: Any) -> Any:
        """The Python value. Raises `ValueRejected` with what is wrong and where."""
        if self._pydantic is not None:
            return self._load_pydantic(value)
        try:
            return msgspec.convert(lossless(value, self.annotation), self.annotation, strict=True)
        except msgspec.ValidationError as error:
            raise ValueRejected(str(error), "type_error") from None

    def dump(self, value: Any) -> Any:
        """Plain JSON values."""
        if value is None or isinstance(value, (str, bool, int, float)):
            return value
        if self._pydantic is not None:
            return self._pydantic.dump_python(value, mode="json", warnings=False)
        return decode(encode(value))

    def _load_pydantic(self, value: Any) -> Any:
        import pydantic

        try:
            return self._pydantic.validate_python(value)
        except pydantic.ValidationError as error:
            faults = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}".lstrip(": ") for e in error.errors()[:5]]
            raise ValueRejected("; ".join(faults), "type_error") from None


def lossless(value: Any, annotation: Any) -> Any:
    """A value with text and whole floats turned into the numbers an annotation asks for, where nothing is lost."""
    if annotation is str:
        return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
    if annotation is int:
        return _whole(value)
    if annotation is float:
        return _float(value) if isinstance(value, str) else value
    origin = typing.get_origin(annotation)
    if origin in (Union, types.UnionType):
        members = typing.get_args(annotation)
        if type(value) in members:
            return value
        for member in members:
            if member is not type(None) and (changed := lossless(value, member)) is not value:
                return changed
        return value
    if origin in (list, Sequence, set, frozenset) and isinstance(value, list):
        (item,) = typing.get_args(annotation)
        return [lossless(one, item) for one in value]
    return value


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return value
    return value


def _float(value: str) -> Any:
    try:
        found = float(value)
    except ValueError:
        return value
    return found if found - found == 0 else value


def schema_of(annotation: Any) -> dict[str, Any]:
    """The JSON schema of an annotation."""
    if annotation is Any or annotation is object:
        return {}
    if annotation in _SCALARS:
        return {"type": _SCALARS[annotation]}
    if annotation in (dt.datetime, dt.date, dt.time):
        form = {dt.datetime: "date-time", dt.date: "date", dt.time: "time"}[annotation]
        return {"type": "string", "format": form}
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return {"const": args[0]} if len(args) == 1 else {"enum": list(args)}
    if origin in (Union, types.UnionType):
        return _union(args)
    if annotation in (list, tuple, set, frozenset) or origin in (list, Sequence, set, frozenset, tuple):
        return _array(origin or annotation, args)
    if annotation is dict or origin is dict:
        return {"type": "object", "additionalProperties": schema_of(args[1]) if args else {}}
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return {"enum": [member.value for member in annotation]}
    if dataclasses.is_dataclass(annotation) or typing.is_typeddict(annotation) or _is_struct(annotation):
        return _inline(msgspec.json.schema(annotation))
    return {}


def _union(args: tuple[Any, ...]) -> dict[str, Any]:
    if len(args) == 2 and type(None) in args:
        other = args[0] if args[1] is type(None) else args[1]
        return {"oneOf": [{"type": "null"}, schema_of(other)]}
    return {"anyOf": [schema_of(arg) for arg in args]}


def _array(origin: Any, args: tuple[Any, ...]) -> dict[str, Any]:
    if origin is tuple and args and args[-1] is not Ellipsis:
        items = [schema_of(arg) for arg in args]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    found: dict[str, Any] = {"type": "array", "items": schema_of(args[0]) if args else {}}
    if origin in (set, frozenset):
        found["uniqueItems"] = True
    return found


def _inline(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its top reference resolved; nested ones stay under `$defs`."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    definitions = schema["$defs"]
    top = dict(definitions[reference.rsplit("/", 1)[-1]])
    if len(definitions) > 1:
        top["$defs"] = definitions
    return top


def _is_struct(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)


def _uses_pydantic(annotation: Any) -> bool:
    if isinstance(annotation, type) and hasattr(annotation, "__pydantic_core_schema__"):
        return True
    return any(_uses_pydantic(arg) for arg in typing.get_args(annotation))
