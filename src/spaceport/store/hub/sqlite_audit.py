"""The log of what was done with each credential, in the hub's SQLite file."""

from __future__ import annotations

from spaceport.store.hub.audit_ports import Entry
from spaceport.store.hub.database import HubDatabase


class SqliteAudit:
    """Implements `audit_ports.AuditStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def add_entry(self, user: int, entry: Entry, keep: int) -> None:
        with self._db.transaction():
            self._db.run(
                "INSERT INTO audit (user, at, credential, action, status, address) SELECT id, ?, ?, ?, ?, ?"
                " FROM owners WHERE id = ?",  # the account may be gone by now
                (entry.at, entry.credential, entry.action, entry.status, entry.address, user),
            )
            self._db.run(
                "DELETE FROM audit WHERE user = ? AND id <="
                " (SELECT id FROM audit WHERE user = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (user, user, keep),
            )

    def entries(self, user: int, limit: int, *, credential: str | None = None) -> list[Entry]:
        rows = self._db.all(
            "SELECT at, credential, action, status, address FROM audit"
            " WHERE user = ? AND (? IS NULL OR credential = ?) ORDER BY id DESC LIMIT ?",
            (user, credential, credential, limit),
        )
        return [Entry(*row) for row in rows]
