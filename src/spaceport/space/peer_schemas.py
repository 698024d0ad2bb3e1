"""Schemas as Gradio's clients can read them: they follow each `$ref`, so a class inside of itself has to end somewhere.

`gradio_client` connects only if it can turn the schema of every endpoint into text: it recurses without a bound, and
knows neither `true` and `false` as schemas, nor lists of types, nor arrays without `items`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REFERENCE = "#/$defs/"
_SCHEMAS = ("items", "additionalProperties", "contains", "not", "propertyNames")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_MAPS = ("properties", "patternProperties")


def peer_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without recursion: `{}` stands where a class would begin again. What is readable stays as it is."""
    definitions = schema.get("$defs", {})
    kept: dict[str, Any] = {}
    found: dict[str, Any] = _plain(
        {key: value for key, value in schema.items() if key != "$defs"}, definitions, kept, ()
    )
    if not definitions:
        return found
    return {"$defs": {name: kept.get(name, one) for name, one in definitions.items()}, **found}


def _plain(schema: Any, definitions: Mapping[str, Any], kept: dict[str, Any], path: tuple[str, ...]) -> Any:
    """One schema. `kept` collects the definitions that it needs; `path` are those that it lies in."""
    if not isinstance(schema, dict):
        return {}  # `true`: any value; `false`: none, which these clients have no word for
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.removeprefix(_REFERENCE)
        if name not in definitions or name in path:
            return {}
        if name not in kept:
            kept[name] = {}
            kept[name] = _plain(definitions[name], definitions, kept, (*path, name))
        return schema
    found = dict(schema)
    for key in _SCHEMAS:
        if key in found and (key, found[key]) != ("additionalProperties", True):  # which Gradio's own schemas have
            found[key] = _plain(found[key], definitions, kept, path)
    if schema.get("additionalProperties") is False:
        del found["additionalProperties"]
    for key in _LISTS:
        if isinstance(found.get(key), list):
            found[key] = [_plain(one, definitions, kept, path) for one in found[key]]
    for key in _MAPS:
        if isinstance(found.get(key), dict):
            found[key] = {name: _plain(one, definitions, kept, path) for name, one in found[key].items()}
    kind = found.get("type")
    if isinstance(kind, list):
        del found["type"]
        return {**found, "anyOf": [_plain({**schema, "type": one}, definitions, kept, path) for one in kind]}
    if kind == "array" and "items" not in found and "prefixItems" not in found:
        found["items"] = {}
    return found
