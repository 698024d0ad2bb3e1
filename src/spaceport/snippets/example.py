"""Makes examples of what a JSON schema describes, for documents and snippets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spaceport.wire.schemas import SchemaSteps, SchemaTooLarge, reference_of

_UNKNOWN = "..."
"""Gradio's example for a value it knows nothing about (gradio-wire §5)."""
_MAX_DEPTH = 8
_MAX_NODES = 500
"""An example with more parts helps nobody."""


def example(schema: Any, given: Any = None) -> Any:
    """Return `given` unless it is a placeholder, else the simplest value that fits the schema."""
    if given is not None and given != _UNKNOWN:
        return given
    try:
        return _value(schema, {}, 0, SchemaSteps(_MAX_NODES))
    except SchemaTooLarge:
        return None


def _value(schema: Any, definitions: Mapping[str, Any], depth: int, steps: SchemaSteps) -> Any:
    """Raises `SchemaTooLarge`."""
    steps.take(depth)
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return None
    definitions = steps.definitions(schema, definitions, depth)
    name = reference_of(schema)
    if name is not None:
        return _value(definitions.get(name), definitions, depth + 1, steps)
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    for name in ("anyOf", "oneOf", "allOf"):
        members = [one for one in schema.get(name) or () if one.get("type") != "null"]
        if members:
            return _value(members[0], definitions, depth + 1, steps)
    kind = schema.get("type")
    if kind == "object":
        properties: dict[str, Any] = schema.get("properties") or {}
        needed: list[str] = schema.get("required") or list(properties)
        return {key: _value(properties.get(key), definitions, depth + 1, steps) for key in needed}
    if kind == "array":
        items = schema.get("prefixItems") or [schema.get("items")]
        return [_value(one, definitions, depth + 1, steps) for one in items if one]
    if kind == "string":
        return _text(schema)
    if kind in ("integer", "number"):
        return _number(schema)
    return {"boolean": True}.get(str(kind))


def _text(schema: dict[str, Any]) -> str:
    formats = {"date-time": "2026-01-31T12:00:00Z", "date": "2026-01-31", "time": "12:00:00Z"}
    return formats.get(schema.get("format", ""), "Hello!!")


def _number(schema: dict[str, Any]) -> int | float:
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    if least is not None:
        return least + 1 if "exclusiveMinimum" in schema else least  # type: ignore[no-any-return]
    most = schema.get("maximum")
    return most if most is not None and most < 3 else 3
