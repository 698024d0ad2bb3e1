"""How far a JSON schema of others is followed.

A kilobyte of schema can stand for terabytes: `a0` names `a1` twice, which names `a2` twice, and so on. Whoever writes
definitions out where they are used counts what it looks at, and treats a schema that is too large as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_NODES = 10_000
"""Of one schema, with its definitions written out. Those of real apps have some hundred."""
MAX_DEPTH = 100


class SchemaTooLarge(ValueError):
    """A schema has more nodes or levels than are followed."""


class SchemaSteps:
    """Counts the nodes of schemas: at most `total` in all schemas of a document, and `each` in one of them."""

    def __init__(self, total: int = 20 * MAX_NODES, each: int = MAX_NODES) -> None:
        self._total = total
        self._most = each
        self._each = each

    def start_schema(self) -> None:
        """The nodes from now on are of another schema."""
        self._each = self._most

    def take(self, depth: int, count: int = 1) -> None:
        """Count nodes at a depth. Raises `SchemaTooLarge`."""
        self._each -= count
        self._total -= count
        if self._each < 0 or self._total < 0 or depth > MAX_DEPTH:
            raise SchemaTooLarge("The schema is too large.")

    def definitions(self, schema: Mapping[str, Any], known: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        """The definitions that hold inside of a schema; `known` are those around it. Raises `SchemaTooLarge`."""
        own = schema.get("$defs")
        if not isinstance(own, dict) or not own:
            return known
        self.take(depth, len(known) + len(own))
        return {**known, **own}


def reference_of(schema: Mapping[str, Any]) -> str | None:
    """The name of the definition that a schema stands for; None: it stands for itself.

    An object may have a property with the name `$ref`, whose value is no text.
    """
    found = schema.get("$ref")
    return found.rsplit("/", 1)[-1] if isinstance(found, str) else None
