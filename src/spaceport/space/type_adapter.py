"""Converts JSON values by a Python annotation and back: with msgspec, or with pydantic where its types are used.

Conversions are lossless only: "5" and 5.0 are an int, 5 is a float; 5.5 is no int and 1 is no boolean.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from typing import Any, Union

import msgspec

from spaceport.space.errors import Fault, ValueRejected
from spaceport.space.models import complete, has_dataclass, uses_pydantic
from spaceport.space.nested_faults import MAX_FAULTS, faults_of
from spaceport.space.schemas import schema_of, with_definitions
from spaceport.wire.json import decode, encode


class TypeAdapter:
    """Converts JSON values to one annotation and results back. Raises `TypeError` for one without a schema."""

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        self._pydantic: Any = None
        self._has_dataclass = False
        if uses_pydantic(annotation):
            import pydantic

            self._pydantic = pydantic.TypeAdapter(annotation)
        else:
            self._has_dataclass = has_dataclass(annotation)

    def schema(self) -> dict[str, Any]:
        if self._pydantic is not None:
            found: dict[str, Any] = self._pydantic.json_schema()
            definitions = found.pop("$defs", {})
            return with_definitions(found, definitions)
        return schema_of(self.annotation)

    def load(self, value: Any) -> Any:
        """The Python value of a JSON value. Raises `ValueRejected` with what does not fit, and where."""
        if self._pydantic is not None:
            return self._load_pydantic(value)
        value = lossless(value, self.annotation)
        try:
            found = msgspec.convert(value, self.annotation, strict=True)
        except msgspec.ValidationError as error:
            raise _rejected(faults_of(value, self.annotation, error)) from None
        return complete(found) if self._has_dataclass else found

    def dump(self, value: Any) -> Any:
        """A returned value as plain JSON values."""
        if value is None or isinstance(value, (str, bool, int, float)):
            return value
        if self._pydantic is not None:
            return self._pydantic.dump_python(value, mode="json", warnings=False)
        return decode(encode(complete(value) if self._has_dataclass else value))

    def _load_pydantic(self, value: Any) -> Any:
        import pydantic

        try:
            return self._pydantic.validate_python(value)
        except pydantic.ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_FAULTS]
            raise _rejected([Fault(one["loc"], one["msg"]) for one in found]) from None


def _rejected(faults: list[Fault]) -> ValueRejected:
    return ValueRejected("; ".join(map(str, faults)), "type_error", faults)


def lossless(value: Any, annotation: Any) -> Any:
    """The value with text and whole floats as the numbers that an annotation asks for, where nothing is lost."""
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
