"""Python objects as values of a call: what the endpoint's schema makes plain is converted, the rest is refused by name.

Plain JSON values are passed through. A path, bytes or a picture for a parameter that takes files becomes a file; arrays
become lists, frames headers and data, models and dataclasses objects, dates text. No library is imported for it.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import decimal
import enum
import io
import os
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from spaceport.client.core.endpoints import Parameter
from spaceport.client.core.files import handle_file, is_file
from spaceport.client.core.schemas import Schema

_PLAIN = frozenset((str, int, float, bool, type(None)))
_VIDEO = re.compile(r"\.(mp4|webm|mov|mkv)$", re.IGNORECASE)
_PICTURES = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "gif"}
Store = Callable[[bytes, str], str]
"""Keeps bytes under a file name until the call has been sent; returns the path."""


def is_plain(value: Any) -> bool:
    """Whether a value is JSON already."""
    kind = type(value)
    if kind in _PLAIN:
        return True
    if kind is dict:
        return all(map(is_plain, value.values()))
    return (kind is list or kind is tuple) and all(map(is_plain, value))


def needs_conversion(values: Sequence[Any], parameters: Sequence[Parameter]) -> bool:
    """Whether some of the values are not yet as the parameters take them."""
    plain = all(map(is_plain, values))
    return not plain or any(_has_bare_files(*one) for one in zip(values, (p.schema for p in parameters), strict=False))


def convert(value: Any, parameter: Parameter, store: Store) -> Any:
    """A value that is not plain, as JSON for a parameter. Raises `TypeError` that names the argument."""
    return _Conversion(parameter, store).value(value, parameter.schema, "")


class _Conversion:
    """Converts one argument; `where` is the place inside of it, for errors."""

    def __init__(self, parameter: Parameter, store: Store) -> None:
        self._parameter = parameter
        self._store = store

    def value(self, value: Any, schema: Schema, where: str) -> Any:
        if is_plain(value) and not _has_bare_files(value, schema):
            return value
        if isinstance(value, (dict, Mapping)):
            return {
                str(key): self.value(one, schema.member(str(key)), f"{where}[{key!r}]") for key, one in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._item(one, schema.item(at), f"{where}[{at}]") for at, one in enumerate(value)]
        return self._object(value, schema, where)

    def _item(self, value: Any, schema: Schema, where: str) -> Any:
        """An item of a list. A file in the list of a Gallery becomes the item that it takes."""
        kinds = _kinds_of_files(schema)
        if not kinds or (isinstance(value, Mapping) and not is_file(value)):
            return self.value(value, schema, where)
        found = self.value(value, schema.member(kinds[0]), where)
        if not is_file(found):
            return found
        return {"video" if "video" in kinds and _VIDEO.search(found["path"]) else kinds[0]: found}

    def _object(self, value: Any, schema: Schema, where: str) -> Any:
        library = type(value).__module__.partition(".")[0]
        if isinstance(value, enum.Enum):
            return self.value(value.value, schema, where)
        if isinstance(value, (str, bool, int, float)):  # subclasses
            return value
        if isinstance(value, os.PathLike):
            return self._path(value, schema, where)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self._bytes(bytes(value), schema, where)
        if library == "PIL" and hasattr(value, "save"):
            return self._picture(value, schema, where)
        if isinstance(value, (dt.date, dt.time, decimal.Decimal, uuid.UUID)):
            return self._scalar(value, schema, where)
        if library in ("pandas", "polars") and hasattr(value, "columns"):
            return self._frame(value, schema, where)
        if hasattr(value, "tolist") and not isinstance(value, type):  # numpy and torch: arrays and their scalars
            return self._array(value.tolist(), schema, where, value)
        if hasattr(value, "to_list"):  # series
            return self._array(value.to_list(), schema, where, value)
        if isinstance(value, (set, frozenset, range)) or (library == "collections" and isinstance(value, Iterable)):
            return self._array(list(value), schema, where, value)
        return self._model(value, schema, where)

    def _path(self, value: os.PathLike[Any], schema: Schema, where: str) -> Any:
        if not schema.takes_files:
            raise self._refused(value, where, "pass handle_file(path) for a file, str(path) for its text")
        try:
            return handle_file(os.fsdecode(value))
        except ValueError as error:
            raise TypeError(f"{self._name(where)}: {error}") from None

    def _bytes(self, value: bytes, schema: Schema, where: str) -> Any:
        if not schema.takes_files:
            raise self._refused(value, where, "pass value.decode() for text")
        return handle_file(self._store(value, "file"))

    def _picture(self, value: Any, schema: Schema, where: str) -> Any:
        if not schema.takes_files:
            if schema.allows("string") and "base64" in schema.description:
                return f"data:image/png;base64,{base64.b64encode(_saved(value, 'PNG')).decode()}"
            raise self._refused(value, where, "pass numpy.asarray(picture) for its pixels")
        kind = value.format if value.format in _PICTURES else "PNG"
        return handle_file(self._store(_saved(value, kind), f"image.{_PICTURES[kind]}"))

    def _scalar(self, value: Any, schema: Schema, where: str) -> Any:
        if isinstance(value, decimal.Decimal):
            if schema.allows("number", strictly=True):
                return float(value)
            if schema.allows("integer", strictly=True) and value == value.to_integral_value():
                return int(value)
            if schema.allows("string", strictly=True):
                return str(value)
            raise self._refused(value, where, "pass float(value) or str(value)")
        if schema.allows("string"):
            if isinstance(value, dt.datetime) and "YYYY-MM-DD HH:MM:SS" in schema.description:
                return value.isoformat(" ", "seconds")[:19]
            return str(value) if isinstance(value, uuid.UUID) else value.isoformat()
        if isinstance(value, dt.datetime) and schema.allows("number", strictly=True):
            return value.timestamp()
        raise self._refused(value, where, "pass its text, or a number")

    def _array(self, items: Any, schema: Schema, where: str, given: Any) -> Any:
        if not isinstance(items, list):  # an array's scalar
            return self.value(items, schema, where)
        if not schema.allows("array"):
            hint = "pass PIL.Image.fromarray(array)" if schema.takes_files else "pass a list where a list is taken"
            raise self._refused(given, where, hint)
        return self.value(items, schema, where)

    def _frame(self, frame: Any, schema: Schema, where: str) -> Any:
        if type(frame).__module__.startswith("polars"):
            headers, rows = list(frame.columns), [list(row) for row in frame.rows()]
        else:
            headers = [str(one) for one in frame.columns]
            rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
        if {"headers", "data"} <= schema.members:
            return {"headers": headers, "data": self._cells(rows, where), "metadata": None}
        if schema.allows("array", strictly=True):
            return self._cells(rows, where)
        raise self._refused(frame, where, 'pass its rows, as frame.to_dict("records") has them')

    def _cells(self, rows: list[list[Any]], where: str) -> list[Any]:
        anything = Schema.of({})
        return [[self.value(cell, anything, f"{where}[{at}]") for cell in row] for at, row in enumerate(rows)]

    def _model(self, value: Any, schema: Schema, where: str) -> Any:
        fields: Mapping[str, Any] | None = None
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        elif hasattr(value, "model_dump") and not isinstance(value, type):
            fields = value.model_dump(mode="python", by_alias=True)
        elif hasattr(type(value), "__attrs_attrs__"):
            fields = {one.name: getattr(value, one.name) for one in type(value).__attrs_attrs__}
        elif hasattr(type(value), "__struct_fields__"):
            fields = {name: getattr(value, name) for name in type(value).__struct_fields__}
        if fields is None:
            raise self._refused(value, where, "pass JSON values, and handle_file(path) for a file")
        if not schema.allows("object"):
            raise self._refused(value, where, "pass one of its fields")
        return self.value(fields, schema, where)

    def _name(self, where: str) -> str:
        return f"Parameter `{self._parameter.name}`{where}"

    def _refused(self, value: Any, where: str, hint: str) -> TypeError:
        kind = type(value)
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        wanted = self._parameter.python_type or "JSON"
        return TypeError(f"{self._name(where)} takes {wanted}, and a {name} was given: {hint}.")


def _kinds_of_files(schema: Schema) -> list[str]:
    """The fields of a Gallery's item that hold a file."""
    if schema.takes_files:
        return []
    return [kind for kind in ("image", "video") if kind in schema.members and schema.member(kind).takes_files]


def _has_bare_files(value: Any, schema: Schema) -> bool:
    return (
        isinstance(value, (list, tuple))
        and bool(value)
        and isinstance(value[0], dict)
        and any(map(is_file, value))
        and bool(_kinds_of_files(schema.item(0)))
    )


def _saved(picture: Any, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()
