"""Accounts at an OpenID Connect provider in the hub's SQLite file."""

from __future__ import annotations

import sqlite3

from spaceport.errors import Conflict
from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.linked_ports import LinkedAccount


class SqliteLinkedAccounts:
    """Implements `linked_ports.LinkedAccountStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def linked_user(self, issuer: str, subject: str) -> str | None:
        rows = self._db.all(
            "SELECT o.name FROM linked_accounts l JOIN owners o ON o.id = l.user WHERE l.issuer = ? AND l.subject = ?",
            (issuer, subject),
        )
        return str(rows[0][0]) if rows else None

    def linked_accounts(self, user: int) -> list[LinkedAccount]:
        rows = self._db.all(
            "SELECT issuer, subject, email, linked_at FROM linked_accounts WHERE user = ? ORDER BY linked_at", (user,)
        )
        return [LinkedAccount(*row) for row in rows]

    def add_link(self, issuer: str, subject: str, user: int, email: str, now: float) -> None:
        try:
            self._db.run(
                "INSERT INTO linked_accounts (issuer, subject, user, email, linked_at) VALUES (?, ?, ?, ?, ?)",
                (issuer, subject, user, email, now),
            )
        except sqlite3.IntegrityError:
            raise Conflict("Another account of this provider is linked already: unlink it first.") from None

    def remove_links(self, user: int) -> bool:
        return bool(self._db.run("DELETE FROM linked_accounts WHERE user = ?", (user,)))
