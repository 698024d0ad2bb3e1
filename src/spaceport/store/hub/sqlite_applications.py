"""Allowed applications and their tokens, in the hub's SQLite file."""

from __future__ import annotations

import sqlite3

from spaceport.store.hub.application_ports import Grant, NewToken, OAuthToken
from spaceport.store.hub.database import HubDatabase, Row

_FIELDS = "g.id, o.name, g.space, g.space_owner, g.scopes, g.about, g.created_at, g.used_at, g.address"
_GRANTS = f"SELECT {_FIELDS} FROM grants g JOIN owners o ON o.id = g.user"  # noqa: S608 (both are constants)
_TOKENS = (
    f"SELECT {_FIELDS}, t.scopes, t.refresh, t.used, t.expires_at FROM grant_tokens t"  # noqa: S608 (constants)
    " JOIN grants g ON g.id = t.grant_id JOIN owners o ON o.id = g.user"
)
_GRANT_FIELDS = 9


class SqliteApplications:
    """Implements `application_ports.ApplicationStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def allow(
        self, user: int, space: int | None, space_owner: int | None, scopes: str, about: str, now: float, keep: int
    ) -> int:
        with self._db.transaction():
            found = self._db.all("SELECT id FROM grants WHERE user = ? AND space = ?", (user, space))
            if found:
                grant = int(found[0][0])
                self._db.run("UPDATE grants SET scopes = ?, space_owner = ? WHERE id = ?", (scopes, space_owner, grant))
                return grant
            self._db.run(
                "INSERT INTO grants (user, space, space_owner, scopes, about, created_at) VALUES (?, ?, ?, ?, ?, ?)",
                (user, space, space_owner, scopes, about, now),
            )
            ((grant,),) = self._db.all("SELECT last_insert_rowid()")
            self._db.run(
                "DELETE FROM grants WHERE user = ? AND id NOT IN"
                " (SELECT id FROM grants WHERE user = ? ORDER BY id DESC LIMIT ?)",
                (user, user, keep),
            )
            return int(grant)

    def grant(self, user: int, space: int) -> Grant | None:
        rows = self._db.all(f"{_GRANTS} WHERE g.user = ? AND g.space = ?", (user, space))
        return Grant(*rows[0]) if rows else None

    def grants(self, user: int) -> list[Grant]:
        return [Grant(*row) for row in self._db.all(f"{_GRANTS} WHERE g.user = ? ORDER BY g.id DESC", (user,))]

    def remove_grant(self, user: int, grant: int) -> bool:
        return bool(self._db.run("DELETE FROM grants WHERE user = ? AND id = ?", (user, grant)))

    def grant_used(self, grant: int, now: float, address: str) -> None:
        self._db.run("UPDATE grants SET used_at = ?, address = ? WHERE id = ?", (now, address, grant))

    def add_oauth_token(self, grant: int, token: NewToken, now: float, keep: int) -> bool:
        try:
            with self._db.transaction():
                self._db.run("DELETE FROM grant_tokens WHERE expires_at <= ?", (now,))
                self._db.run(
                    "INSERT INTO grant_tokens (hash, grant_id, session, scopes, refresh, expires_at)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (token.digest, grant, token.session, token.scopes, token.refresh, token.expires_at),
                )
                self._db.run(
                    "DELETE FROM grant_tokens WHERE grant_id = ? AND id NOT IN"
                    " (SELECT id FROM grant_tokens WHERE grant_id = ? ORDER BY id DESC LIMIT ?)",
                    (grant, grant, keep),
                )
        except sqlite3.IntegrityError:
            return False
        return True

    def oauth_token(self, digest: bytes) -> OAuthToken | None:
        return self._db.one(_token, f"{_TOKENS} WHERE t.hash = ?", (digest,))

    def use_refresh_token(self, digest: bytes) -> bool:
        return bool(self._db.run("UPDATE grant_tokens SET used = 1 WHERE hash = ? AND refresh AND NOT used", (digest,)))

    def remove_oauth_token(self, digest: bytes) -> None:
        self._db.run("DELETE FROM grant_tokens WHERE hash = ?", (digest,))

    def remove_oauth_tokens(self, grant: int) -> None:
        self._db.run("DELETE FROM grant_tokens WHERE grant_id = ?", (grant,))


def _token(row: Row) -> OAuthToken:
    grant, (scopes, refresh, used, expires_at) = Grant(*row[:_GRANT_FIELDS]), row[_GRANT_FIELDS:]
    return OAuthToken(grant, scopes, bool(refresh), bool(used), expires_at)
