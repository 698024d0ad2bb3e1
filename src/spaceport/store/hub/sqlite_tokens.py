"""Tokens in the hub's SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from spaceport.errors import Conflict
from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.ports import Token, TokenScope

_TOKENS = (
    "SELECT t.id, o.name, t.name, t.shown, t.role, t.created_at, t.expires_at, t.used_at, t.address"
    " FROM tokens t JOIN owners o ON o.id = t.owner"
)


class SqliteTokens:
    """Implements `ports.TokenStore`."""

    _db: HubDatabase

    def add_token(
        self,
        owner: int,
        name: str,
        shown: str,
        digest: bytes,
        role: str,
        now: float,
        expires_at: float | None,
        scopes: Sequence[TokenScope] = (),
    ) -> None:
        try:
            with self._db.transaction():
                self._db.run(
                    "INSERT INTO tokens (owner, name, shown, hash, role, created_at, expires_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (owner, name, shown, digest, role, now, expires_at),
                )
                for scope in scopes:
                    self._db.run(
                        "INSERT INTO token_scopes (token, owner, space, level)"
                        " SELECT id, ?, ?, ? FROM tokens WHERE hash = ?",
                        (scope.owner, scope.space, scope.level, digest),
                    )
        except sqlite3.IntegrityError:
            raise Conflict(f"A token with the name {name!r} already exists.") from None

    def scopes(self, token: int) -> tuple[TokenScope, ...]:
        return self._db.cached(
            lambda rows: tuple(TokenScope(*row) for row in rows),
            "SELECT owner, space, level FROM token_scopes WHERE token = ? ORDER BY rowid",
            (token,),
        )

    def token(self, digest: bytes) -> Token | None:
        return self._db.one(_token, f"{_TOKENS} WHERE t.hash = ?", (digest,))

    def tokens(self, owner: str) -> list[Token]:
        return [_token(row) for row in self._db.all(f"{_TOKENS} WHERE o.name = ? ORDER BY t.id", (owner,))]

    def token_used(self, token: int, now: float, address: str) -> None:
        self._db.run("UPDATE tokens SET used_at = ?, address = ? WHERE id = ?", (now, address, token))

    def remove_token(self, token: int) -> None:
        self._db.run("DELETE FROM tokens WHERE id = ?", (token,))


def _token(row: tuple[Any, ...]) -> Token:
    return Token(*row)
