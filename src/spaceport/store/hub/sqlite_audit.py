"""The log of what was done with each credential, in the hub's SQLite file."""

from __future__ import annotations

from spaceport.store.hub.audit_ports import AuditFilter, Entry
from spaceport.store.hub.database import HubDatabase

_BATCH = 2000
"""How many entries a search looks at with one statement, while nobody else can read."""
_MAX_BATCHES = 100
_FIELDS = "at, credential, action, status, address, account, space, id"
"""As `Entry` has them."""


class SqliteAudit:
    """Implements `audit_ports.AuditStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def add_entry(self, user: int | None, entry: Entry, keep: int) -> None:
        with self._db.transaction():
            (known,) = self._db.all("SELECT (SELECT id FROM owners WHERE id = ?)", (user,))[0]  # it may be gone by now
            self._db.run(
                "INSERT INTO audit (user, at, credential, action, status, address, account, space)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    known,
                    entry.at,
                    entry.credential,
                    entry.action,
                    entry.status,
                    entry.address,
                    entry.account,
                    entry.space,
                ),
            )
            self._db.run(
                "DELETE FROM audit WHERE user IS ?1 AND id <="
                " (SELECT id FROM audit WHERE user IS ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                (known, keep),
            )

    def entries(self, user: int, limit: int, *, credential: str | None = None) -> list[Entry]:
        rows = self._db.all(
            f"SELECT {_FIELDS} FROM audit"  # noqa: S608 (a constant)
            " WHERE user = ? AND (? IS NULL OR credential = ?) ORDER BY id DESC LIMIT ?",
            (user, credential, credential, limit),
        )
        return [Entry(*row) for row in rows]

    def search(self, wanted: AuditFilter, limit: int) -> tuple[list[Entry], int | None]:
        before, found = wanted.before, list[Entry]()
        for _ in range(_MAX_BATCHES):
            batch = "SELECT id FROM audit WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2"
            ((first,),) = self._db.all(f"SELECT min(id) FROM ({batch})", (before, _BATCH))  # noqa: S608 (a constant)
            if first is None:
                return found, None
            rows = self._db.all(
                f"SELECT {_FIELDS} FROM audit WHERE (?1 IS NULL OR id < ?1) AND id >= ?2"  # noqa: S608 (a constant)
                " AND (?3 IS NULL OR account = ?3) AND (?4 IS NULL OR space = ?4)"
                " AND (?5 IS NULL OR instr(lower(action), lower(?5))) ORDER BY id DESC LIMIT ?6",
                (before, first, wanted.account, wanted.space, wanted.action, limit + 1 - len(found)),
            )
            found += [Entry(*row) for row in rows]
            if len(found) > limit:
                return found[:limit], found[limit - 1].id
            before = first
        return found, before
