"""A JSON schema as the Python type that `/info` and the snippets show (rules: gradio-wire §5)."""

from __future__ import annotations

from typing import Any

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
ANY_JSON = "str | float | bool | list | dict"


def python_type(schema: Any, definitions: dict[str, Any] | None = None) -> str:
    """The type as text. Recursive schemas end in `dict`; what has no type is `Any`."""
    return _type(schema, {**(definitions or {})}, ())


def _type(schema: Any, definitions: dict[str, Any], seen: tuple[str, ...]) -> str:
    if not isinstance(schema, dict) or not schema:
        return "Any"
    definitions = {**definitions, **schema.get("$defs", {})}
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return "dict" if name in seen else _type(definitions.get(name, {}), definitions, (*seen, name))
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return "Literal[" + ", ".join(f"'{value}'" for value in schema["enum"]) + "]"
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(_type(member, definitions, seen) for member in schema[union]))
    kind = schema.get("type")
    if isinstance(kind, str) and kind in _SCALARS:
        return _SCALARS[kind]
    if kind == "array":
        if "prefixItems" in schema:
            return "tuple[" + ", ".join(_type(item, definitions, seen) for item in schema["prefixItems"]) + "]"
        return f"list[{_type(schema.get('items'), definitions, seen)}]"
    if kind == "object" or "properties" in schema:
        return _object(schema, definitions, seen)
    if "json" in str(schema.get("description", "")):
        return ANY_JSON
    return "Any"


def _object(schema: dict[str, Any], definitions: dict[str, Any], seen: tuple[str, ...]) -> str:
    properties = schema.get("properties")
    if properties:
        if "path" in properties and "meta" in properties:
            return "filepath"
        return "dict(" + ", ".join(f"{name}: {_type(sub, definitions, seen)}" for name, sub in properties.items()) + ")"
    return f"dict(str, {_type(schema.get('additionalProperties'), definitions, seen)})"
