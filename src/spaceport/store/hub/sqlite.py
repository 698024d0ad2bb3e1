"""The store of a hub in one SQLite file, which several processes may have open."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from spaceport.errors import Conflict
from spaceport.store.hub.ports import ListedSpace, Owner, SpacePage, SpaceRow, SpaceValue, Token
from spaceport.store.hub.schema import HUB_SCHEMA
from spaceport.store.migration import migrate
from spaceport.store.private import private_database

T = TypeVar("T")
_CACHED_ROWS = 10_000
_VERSION_CHECK_INTERVAL_S = 0.02
"""How long a change by another process may go unseen."""
_LISTED = (
    "SELECT s.id, o.name, s.name, s.subdomain, s.folder, s.private, s.sdk, s.created_at, s.updated_at,"
    " r.sleep_s, r.paused, o.admin"
    " FROM spaces s JOIN owners o ON o.id = s.owner LEFT JOIN space_runs r ON r.space = s.id"
)
_SPACES = (
    "SELECT s.id, o.name, s.name, s.subdomain, s.folder, s.private, s.sdk, s.created_at, s.updated_at"
    " FROM spaces s JOIN owners o ON o.id = s.owner"
)
_TOKENS = (
    "SELECT t.id, o.name, t.name, t.shown, t.role, t.created_at, t.expires_at, t.used_at"
    " FROM tokens t JOIN owners o ON o.id = t.owner"
)


class SqliteHubStore:
    """Implements `ports.HubStore`. Single rows are cached until any process changes the database."""

    def __init__(self, path: Path) -> None:
        """Raises `Conflict` for a file of a newer version of Spaceport."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        private_database(path)
        self._lock = threading.Lock()
        self._cache: dict[tuple[str, tuple[Any, ...]], Any] = {}
        """By statement and parameters: its row. Cleared after every change, of this process or another."""
        self._version = 0
        self._version_checked_at = 0.0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        migrate(self._db, HUB_SCHEMA)

    def close(self) -> None:
        self._db.close()

    # Accounts

    def add_owner(self, name: str, tier: str, now: float, *, admin: bool = False) -> Owner:
        try:
            self._run(
                "INSERT INTO owners (name, tier, admin, created_at) VALUES (?, ?, ?, ?)", (name, tier, admin, now)
            )
        except sqlite3.IntegrityError:
            raise Conflict(f"A user with the name {name!r} already exists.") from None
        found = self.owner(name)
        assert found is not None
        return found

    def owner(self, name: str) -> Owner | None:
        return self._one(_owner, "SELECT id, name, tier, admin, created_at FROM owners WHERE name = ?", (name,))

    def owners(self) -> list[Owner]:
        rows = self._all("SELECT id, name, tier, admin, created_at FROM owners ORDER BY name", ())
        return [_owner(row) for row in rows]

    def set_tier(self, owner: int, tier: str) -> None:
        self._run("UPDATE owners SET tier = ? WHERE id = ?", (tier, owner))

    # Tokens

    def add_token(
        self, owner: int, name: str, shown: str, digest: bytes, role: str, now: float, expires_at: float | None
    ) -> None:
        try:
            self._run(
                "INSERT INTO tokens (owner, name, shown, hash, role, created_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (owner, name, shown, digest, role, now, expires_at),
            )
        except sqlite3.IntegrityError:
            raise Conflict(f"A token with the name {name!r} already exists.") from None

    def token(self, digest: bytes) -> Token | None:
        return self._one(_token, f"{_TOKENS} WHERE t.hash = ?", (digest,))

    def tokens(self, owner: str) -> list[Token]:
        return [_token(row) for row in self._all(f"{_TOKENS} WHERE o.name = ? ORDER BY t.id", (owner,))]

    def token_used(self, token: int, now: float) -> None:
        self._run("UPDATE tokens SET used_at = ? WHERE id = ?", (now, token))

    def remove_token(self, token: int) -> None:
        self._run("DELETE FROM tokens WHERE id = ?", (token,))

    # Spaces

    def add_space(
        self, owner: int, name: str, subdomain: str, folder: str, sdk: str, now: float, *, private: bool
    ) -> None:
        try:
            self._run(
                "INSERT INTO spaces (owner, name, subdomain, folder, private, sdk, created_at, updated_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (owner, name, subdomain, folder, private, sdk, now, now),
            )
        except sqlite3.IntegrityError as error:
            raise Conflict(
                "subdomain" if "subdomain" in str(error) else "A Space with this name already exists."
            ) from None

    def space(self, owner: str, name: str) -> SpaceRow | None:
        return self._one(_space, f"{_SPACES} WHERE o.name = ? AND s.name = ?", (owner, name))

    def by_subdomain(self, subdomain: str) -> SpaceRow | None:
        return self._one(_space, f"{_SPACES} WHERE s.subdomain = ?", (subdomain,))

    def spaces(self, *, author: str | None = None, search: str | None = None) -> list[SpaceRow]:
        pattern = None if search is None else f"%{search.replace('%', '').replace('_', '')}%"
        rows = self._all(
            f"{_SPACES} WHERE (? IS NULL OR o.name = ?) AND (? IS NULL OR o.name || '/' || s.name LIKE ?)"
            " ORDER BY s.updated_at DESC, s.id DESC",
            (author, author, pattern, pattern),
        )
        return [_space(row) for row in rows]

    def page(self, wanted: SpacePage) -> list[ListedSpace]:
        conditions = ["(NOT s.private OR ? OR o.name = ?)"]
        values: list[Any] = [wanted.everything, wanted.viewer]
        if wanted.author is not None:
            conditions.append("o.name = ?")
            values.append(wanted.author)
        if wanted.after is not None:
            conditions.append(f"(s.{wanted.order}, s.id) < (?, ?)")
            values += wanted.after
        rows = self._all(
            f"{_LISTED} WHERE {' AND '.join(conditions)} ORDER BY s.{wanted.order} DESC, s.id DESC LIMIT ?",
            (*values, wanted.limit),
        )
        return [ListedSpace(_space(row[:9]), row[9], bool(row[10]), bool(row[11])) for row in rows]

    def set_private(self, space: int, *, private: bool) -> None:
        self._run("UPDATE spaces SET private = ? WHERE id = ?", (private, space))

    def space_changed(self, space: int, sdk: str, now: float) -> None:
        self._run("UPDATE spaces SET sdk = ?, updated_at = ? WHERE id = ?", (sdk, now, space))

    def remove_space(self, space: int) -> None:
        self._run("DELETE FROM spaces WHERE id = ?", (space,))

    def how_it_runs(self, space: int) -> tuple[float | None, bool]:
        found = self._one(_run_of, "SELECT sleep_s, paused FROM space_runs WHERE space = ?", (space,))
        return found or (None, False)

    def set_sleep(self, space: int, sleep_s: float | None) -> None:
        self._run(
            "INSERT INTO space_runs (space, sleep_s) VALUES (?, ?)"
            " ON CONFLICT (space) DO UPDATE SET sleep_s = excluded.sleep_s",
            (space, sleep_s),
        )

    def set_paused(self, space: int, *, paused: bool) -> None:
        self._run(
            "INSERT INTO space_runs (space, paused) VALUES (?, ?)"
            " ON CONFLICT (space) DO UPDATE SET paused = excluded.paused",
            (space, paused),
        )

    # Variables

    def values(self, space: int, *, secret: bool) -> list[SpaceValue]:
        rows = self._all(
            "SELECT key, value, description, updated_at FROM space_values WHERE space = ? AND secret = ? ORDER BY key",
            (space, secret),
        )
        return [SpaceValue(*row) for row in rows]

    def set_value(self, space: int, value: SpaceValue, *, secret: bool) -> None:
        self._run(
            "INSERT INTO space_values (space, secret, key, value, description, updated_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (space, secret, key) DO UPDATE SET value = excluded.value,"
            " description = excluded.description, updated_at = excluded.updated_at",
            (space, secret, value.key, value.value, value.description, value.updated_at),
        )

    def remove_value(self, space: int, key: str, *, secret: bool) -> None:
        self._run("DELETE FROM space_values WHERE space = ? AND secret = ? AND key = ?", (space, secret, key))

    def _run(self, sql: str, values: tuple[Any, ...]) -> None:
        with self._lock:
            self._cache.clear()
            self._db.execute(sql, values)

    def _one(self, make: Callable[[tuple[Any, ...]], T], sql: str, values: tuple[Any, ...]) -> T | None:
        with self._lock:
            now = time.monotonic()
            if now - self._version_checked_at > _VERSION_CHECK_INTERVAL_S or len(self._cache) > _CACHED_ROWS:
                (version,) = self._db.execute("PRAGMA data_version").fetchone()  # changes of other processes raise it
                if version != self._version or len(self._cache) > _CACHED_ROWS:
                    self._cache.clear()
                self._version, self._version_checked_at = version, now
            key = (sql, values)
            if key not in self._cache:
                row = self._db.execute(sql, values).fetchone()
                self._cache[key] = None if row is None else make(row)
            found: T | None = self._cache[key]
            return found

    def _all(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()


def _owner(row: tuple[Any, ...]) -> Owner:
    return Owner(row[0], row[1], row[2], bool(row[3]), row[4])


def _token(row: tuple[Any, ...]) -> Token:
    return Token(*row)


def _run_of(row: tuple[Any, ...]) -> tuple[float | None, bool]:
    return row[0], bool(row[1])


def _space(row: tuple[Any, ...]) -> SpaceRow:
    number, owner, name, subdomain, folder, private, sdk, created_at, updated_at = row
    return SpaceRow(number, owner, name, subdomain, folder, bool(private), sdk, created_at, updated_at)
