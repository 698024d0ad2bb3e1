"""Variables and secrets of Spaces in the hub's SQLite file."""

from __future__ import annotations

from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.ports import SpaceValue


class SqliteVariables:
    """Implements `ports.VariableStore`."""

    _db: HubDatabase

    def values(self, space: int, *, secret: bool) -> list[SpaceValue]:
        rows = self._db.all(
            "SELECT key, value, description, updated_at FROM space_values WHERE space = ? AND secret = ? ORDER BY key",
            (space, secret),
        )
        return [SpaceValue(*row) for row in rows]

    def set_value(self, space: int, value: SpaceValue, *, secret: bool) -> None:
        self._db.run(
            "INSERT INTO space_values (space, secret, key, value, description, updated_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (space, secret, key) DO UPDATE SET value = excluded.value,"
            " description = excluded.description, updated_at = excluded.updated_at",
            (space, secret, value.key, value.value, value.description, value.updated_at),
        )

    def remove_value(self, space: int, key: str, *, secret: bool) -> None:
        self._db.run("DELETE FROM space_values WHERE space = ? AND secret = ? AND key = ?", (space, secret, key))
