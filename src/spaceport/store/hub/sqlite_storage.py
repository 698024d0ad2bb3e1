"""How many bytes Spaces keep, in the hub's SQLite file."""

from __future__ import annotations

from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.storage_ports import Uncounted

_SUM = "SELECT coalesce(sum(coalesce(bytes, 0) + arriving), 0) FROM spaces"


class SqliteStorage:
    """Implements `storage_ports.StorageStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def used(self, owner: int) -> int:
        return int(self._db.all(f"{_SUM} WHERE owner = ?", (owner,))[0][0])

    def size(self, space: int) -> int:
        return int(self._db.all(f"{_SUM} WHERE id = ?", (space,))[0][0])

    def uncounted(self, owner: int | None = None) -> list[Uncounted]:
        rows = self._db.all(
            "SELECT id, folder FROM spaces WHERE bytes IS NULL AND (?1 IS NULL OR owner = ?1) ORDER BY id", (owner,)
        )
        return [Uncounted(*row) for row in rows]

    def set_size(self, space: int, size: int) -> None:
        self._db.run("UPDATE spaces SET bytes = ? WHERE id = ?", (size, space))

    def announce(self, space: int, size: int) -> None:
        self._db.run("UPDATE spaces SET arriving = arriving + ? WHERE id = ?", (size, space))

    def conclude(self, space: int, size: int, *, arrived: bool) -> None:
        kept = "bytes + ?1" if arrived else "NULL"
        self._db.run(f"UPDATE spaces SET bytes = {kept}, arriving = arriving - ?1 WHERE id = ?2", (size, space))  # noqa: S608 (constants)

    def forget_announced(self) -> None:
        self._db.run("UPDATE spaces SET bytes = NULL, arriving = 0 WHERE arriving != 0")
