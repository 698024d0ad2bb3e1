"""JSON schemas as real Python annotations, with a TypedDict for each object: what mypy can check.

(`python_type` writes what `/info` shows, which is for reading.) Arrays are lists, also those with a fixed length,
because that is what JSON brings. Files are `FileData` on the way in and a path on the way out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from spaceport.snippets.quoting import is_python_name, python_docstring, python_identifier, python_literal, python_text
from spaceport.wire.schemas import SchemaSteps, SchemaTooLarge, reference_of

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


class Types:
    """Collects the classes that annotations need."""

    def __init__(self, names: set[str]) -> None:
        """`names` are taken already; the names of the classes are added to them."""
        self._names = names
        self._file = ""
        self._steps = SchemaSteps()
        self._named: dict[str, str] = {}
        self.classes: list[str] = []
        """Source of the classes. They refer to each other, so annotations must not be evaluated."""

    def annotation(self, schema: Any, hint: str, *, file: str) -> str:
        """The annotation for a schema; `hint` names a class where the schema does not; `file` is that of a file."""
        self._file = file
        self._steps.start_schema()
        try:
            return self._of(schema, hint, {}, frozenset(), 0)
        except SchemaTooLarge:
            return "Any"

    def _of(self, schema: Any, hint: str, definitions: Mapping[str, Any], open_: frozenset[str], depth: int) -> str:
        """Raises `SchemaTooLarge`."""
        self._steps.take(depth)
        if not isinstance(schema, dict) or not schema:
            return "Any"
        definitions = self._steps.definitions(schema, definitions, depth)

        def inner(sub: Any, name: str = hint) -> str:
            return self._of(sub, name, definitions, open_, depth + 1)

        name = reference_of(schema)
        if name is not None:
            found = definitions.get(name)
            if name in open_:  # a type inside of itself: only a class has a name for that
                return self._named.get(self._key(found), "Any")
            return self._of(found, name, definitions, open_ | {name}, depth + 1)
        if "const" in schema:
            return _literal([schema["const"]])
        if schema.get("enum"):
            return _literal(schema["enum"])
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return _union([inner(member) for member in schema[union]])
        kind = schema.get("type")
        if isinstance(kind, list):
            self._steps.take(depth, len(schema) * len(kind))
            return _union([inner({**schema, "type": one}) for one in kind])
        if isinstance(kind, str) and kind in _SCALARS:
            return _SCALARS[kind]
        if kind == "array":
            items = schema.get("prefixItems") or [schema.get("items")]
            return f"list[{_union([inner(one) for one in items])}]"
        if schema.get("properties"):
            return self._file if _is_file(schema) else self._object(schema, hint, inner)
        if kind == "object":
            return f"dict[str, {inner(schema.get('additionalProperties'))}]"
        return "Any"

    def _object(self, schema: dict[str, Any], hint: str, inner: Callable[[Any, str], str]) -> str:
        key = self._key(schema)
        if key not in self._named:
            words = re.split(r"[\W_]+", str(schema.get("title") or hint))
            name = python_identifier("".join(word[:1].upper() + word[1:] for word in words), self._names)
            self._named[key] = name
            members = {field: inner(sub, f"{name} {field}") for field, sub in schema["properties"].items()}
            required = set(schema.get("required", members))
            self.classes.append(_typed_dict(name, members, required, str(schema.get("description") or "")))
        return self._named[key]

    def _key(self, schema: Any) -> str:
        """Identifies a class: an object with files is another class as an argument than as a result."""
        return f"{schema!r} {self._file if _has_file(schema) else ''}"


def _is_file(schema: Mapping[str, Any]) -> bool:
    """Whether a schema is that of a file: `meta` marks it, or, in older versions, its set of fields."""
    properties = schema["properties"]
    return "path" in properties and ("meta" in properties or {"url", "orig_name", "mime_type"} <= set(properties))


def _has_file(schema: Any) -> bool:
    if isinstance(schema, dict):
        return (isinstance(schema.get("properties"), dict) and _is_file(schema)) or any(map(_has_file, schema.values()))
    return isinstance(schema, list) and any(map(_has_file, schema))


def _literal(values: list[Any]) -> str:
    if all(isinstance(value, (str, int, bool, type(None))) for value in values):
        return f"Literal[{', '.join(dict.fromkeys(map(python_literal, values)))}]"
    return "Any"


def _union(members: list[str]) -> str:
    found = list(dict.fromkeys(members))
    return "Any" if not found or "Any" in found else " | ".join(found)


def _typed_dict(name: str, members: dict[str, str], required: set[str], description: str) -> str:
    if not all(is_python_name(key) and not key.startswith("__") for key in members):
        fields = ", ".join(f"{python_text(key)}: {python_text(kind)}" for key, kind in members.items())
        return f"{name} = TypedDict({python_text(name)}, {{{fields}}}, total={required >= set(members)})"
    doc = f'    """{python_docstring(description)}"""\n\n' if description else ""
    needed = "".join(f"    {key}: {kind}\n" for key, kind in members.items() if key in required)
    optional = "".join(f"    {key}: {kind}\n" for key, kind in members.items() if key not in required)
    if not optional:
        return f"class {name}(TypedDict):\n{doc}{needed}".rstrip()
    if not needed:
        return f"class {name}(TypedDict, total=False):\n{doc}{optional}".rstrip()
    base = f"class _{name}(TypedDict):\n{needed}"
    return f"{base}\n\nclass {name}(_{name}, total=False):\n{doc}{optional}".rstrip()
