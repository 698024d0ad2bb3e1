"""What a parameter's JSON schema allows, as far as converting a value needs to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from spaceport.wire.schemas import SchemaSteps, SchemaTooLarge, reference_of


@dataclass(frozen=True, slots=True)
class Schema:
    """One or more alternatives, of which a value has to fit one. None: nothing is known, so that all is allowed."""

    alternatives: tuple[Mapping[str, Any], ...] = ()
    definitions: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Any, definitions: Mapping[str, Any] | None = None) -> Schema:
        """From a JSON schema with or without `$ref`, `anyOf` and lists of types."""
        known = dict(definitions or {})
        try:
            return cls(tuple(_flat(document, known, (), SchemaSteps())), known)
        except SchemaTooLarge:
            return cls()

    @property
    def description(self) -> str:
        return " ".join(str(one.get("description") or "") for one in self.alternatives)

    @property
    def members(self) -> frozenset[str]:
        """The names of the properties of an object."""
        return frozenset(name for one in self.alternatives for name in _properties(one))

    @property
    def takes_files(self) -> bool:
        """Whether a file may stand here."""
        return any({"path", "meta"} <= _properties(one).keys() for one in self.alternatives)

    def allows(self, kind: str, *, strictly: bool = False) -> bool:
        """Whether a value of a JSON type fits. What is unknown allows everything, unless `strictly`."""
        if all("type" not in one and "properties" not in one for one in self.alternatives):
            return not strictly
        return any(
            one.get("type") == kind or (kind == "object" and bool(_properties(one))) for one in self.alternatives
        )

    def member(self, name: str) -> Schema:
        """The schema of an object's property."""
        for one in self.alternatives:
            found = _properties(one).get(name, one.get("additionalProperties"))
            if isinstance(found, dict):
                return Schema.of(found, self.definitions)
        return Schema()

    def item(self, at: int) -> Schema:
        """The schema of an array's item."""
        for one in self.alternatives:
            places = one.get("prefixItems")
            found = places[at] if isinstance(places, list) and at < len(places) else one.get("items")
            if isinstance(found, dict):
                return Schema.of(found, self.definitions)
        return Schema()


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _flat(
    schema: Any, definitions: dict[str, Any], seen: tuple[str, ...], steps: SchemaSteps
) -> Iterator[Mapping[str, Any]]:
    """The alternatives that a schema names; `definitions` gets those it brings. Raises `SchemaTooLarge`.

    `seen`: the definitions inside of which this is.
    """
    steps.take(len(seen))
    if not isinstance(schema, dict):
        return
    more = schema.get("$defs")
    if isinstance(more, dict):
        steps.take(len(seen), len(more))
        definitions.update(more)
    name = reference_of(schema)
    if name is not None:
        if name not in seen:
            yield from _flat(definitions.get(name), definitions, (*seen, name), steps)
        return
    for union in ("anyOf", "oneOf"):
        if isinstance(schema.get(union), list):
            for member in schema[union]:
                yield from _flat(member, definitions, seen, steps)
            return
    kinds = schema.get("type")
    if isinstance(kinds, list):
        steps.take(len(seen), len(schema) * len(kinds))
        yield from ({**schema, "type": kind} for kind in kinds)
    elif schema:
        yield schema
