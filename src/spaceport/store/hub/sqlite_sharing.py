"""Who may see single private Spaces of others, in the hub's SQLite file."""

from __future__ import annotations

from spaceport.store.hub.database import HubDatabase


class SqliteSharing:
    """Implements `sharing_ports.SharingStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def add_guest(self, space: int, owner: int) -> None:
        self._db.run("INSERT OR IGNORE INTO space_guests (space, owner) VALUES (?, ?)", (space, owner))

    def remove_guest(self, space: int, owner: int) -> bool:
        return bool(self._db.run("DELETE FROM space_guests WHERE space = ? AND owner = ?", (space, owner)))

    def guests(self, space: int) -> list[str]:
        rows = self._db.all(
            "SELECT o.name FROM space_guests g JOIN owners o ON o.id = g.owner WHERE g.space = ? ORDER BY o.name",
            (space,),
        )
        return [row[0] for row in rows]

    def shared_with(self, user: int) -> frozenset[int]:
        return self._db.cached(
            lambda rows: frozenset(row[0] for row in rows),
            "SELECT space FROM space_guests WHERE owner = ?"
            " OR owner IN (SELECT organization FROM members WHERE user = ?)",
            (user, user),
        )

    def set_link(self, space: int, digest: bytes | None) -> None:
        with self._db.transaction():
            self._db.run("DELETE FROM space_links WHERE space = ?", (space,))
            if digest is not None:
                self._db.run("INSERT INTO space_links (space, hash) VALUES (?, ?)", (space, digest))

    def link(self, space: int) -> bytes | None:
        return self._db.one(lambda row: bytes(row[0]), "SELECT hash FROM space_links WHERE space = ?", (space,))

    def space_of_link(self, digest: bytes) -> int | None:
        rows = self._db.all("SELECT space FROM space_links WHERE hash = ?", (digest,))
        return int(rows[0][0]) if rows else None
