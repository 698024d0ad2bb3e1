"""What a hub knows of owners, their tokens and their Spaces, in one SQLite file. Every write is committed at once."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from spaceport.errors import Conflict

T = TypeVar("T")
_VERSION = 1
_ROWS = 10_000
_LOOK_S = 0.02
"""How long a change by another process may go unseen."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  tier TEXT NOT NULL,
  admin INTEGER NOT NULL,
  created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS tokens (
  id INTEGER PRIMARY KEY,
  owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  shown TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  role TEXT NOT NULL,
  created_at REAL NOT NULL,
  expires_at REAL,
  used_at REAL,
  UNIQUE (owner, name)
);
CREATE TABLE IF NOT EXISTS spaces (
  id INTEGER PRIMARY KEY,
  owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  subdomain TEXT NOT NULL UNIQUE,
  folder TEXT NOT NULL UNIQUE,
  private INTEGER NOT NULL,
  sdk TEXT NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  UNIQUE (owner, name)
);
CREATE TABLE IF NOT EXISTS space_values (
  space INTEGER NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
  secret INTEGER NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  description TEXT,
  updated_at REAL NOT NULL,
  PRIMARY KEY (space, secret, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS space_runs (
  space INTEGER PRIMARY KEY REFERENCES spaces (id) ON DELETE CASCADE,
  sleep_s REAL,
  paused INTEGER NOT NULL DEFAULT 0
);
"""
_SPACES = (
    "SELECT s.id, o.name, s.name, s.subdomain, s.folder, s.private, s.sdk, s.created_at, s.updated_at"
    " FROM spaces s JOIN owners o ON o.id = s.owner"
)
_TOKENS = (
    "SELECT t.id, o.name, t.name, t.shown, t.role, t.created_at, t.expires_at, t.used_at"
    " FROM tokens t JOIN owners o ON o.id = t.owner"
)


@dataclass(frozen=True, slots=True)
class Owner:
    """A person. `tier` names a row of the hub's table of tiers."""

    id: int
    name: str
    tier: str
    admin: bool
    created_at: float


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret. `shown` are its first characters; `role` is "read" or "write"."""

    id: int
    owner: str
    name: str
    shown: str
    role: str
    created_at: float
    expires_at: float | None
    used_at: float | None


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A Space. `folder` is where its files are, below the hub's data; it never changes."""

    id: int
    owner: str
    name: str
    subdomain: str
    folder: str
    private: bool
    sdk: str
    created_at: float
    updated_at: float

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class SpaceValue:
    """A variable of a Space, or a secret: then `value` is encrypted."""

    key: str
    value: bytes
    description: str | None
    updated_at: float


class HubStore:
    """Safe from any thread and beside other processes."""

    def __init__(self, path: Path) -> None:
        """Raises `Conflict` for a file of another version."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, tuple[Any, ...]], Any] = {}
        """What was asked for lately; empty after every change, of this process or another."""
        self._version = 0
        self._looked_at = 0.0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.executescript(_SCHEMA)
        self._db.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('version', ?)", (_VERSION,))
        (version,) = self._db.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
        if version != _VERSION:
            raise Conflict(f"This hub's data has format {version}; this version of Spaceport reads {_VERSION}.")

    def close(self) -> None:
        self._db.close()

    # Owners

    def add_owner(self, name: str, tier: str, now: float, *, admin: bool = False) -> Owner:
        """Raises `Conflict` if the name is taken."""
        try:
            self._run(
                "INSERT INTO owners (name, tier, admin, created_at) VALUES (?, ?, ?, ?)", (name, tier, admin, now)
            )
        except sqlite3.IntegrityError:
            raise Conflict(f"There is a user {name!r} already.") from None
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
        """Raises `Conflict` if the owner has a token of this name."""
        try:
            self._run(
                "INSERT INTO tokens (owner, name, shown, hash, role, created_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (owner, name, shown, digest, role, now, expires_at),
            )
        except sqlite3.IntegrityError:
            raise Conflict(f"There is a token {name!r} already.") from None

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
        """Raises `Conflict` if the owner has a Space of this name, or the subdomain is taken."""
        try:
            self._run(
                "INSERT INTO spaces (owner, name, subdomain, folder, private, sdk, created_at, updated_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (owner, name, subdomain, folder, private, sdk, now, now),
            )
        except sqlite3.IntegrityError as error:
            raise Conflict("subdomain" if "subdomain" in str(error) else "There is such a Space already.") from None

    def space(self, owner: str, name: str) -> SpaceRow | None:
        return self._one(_space, f"{_SPACES} WHERE o.name = ? AND s.name = ?", (owner, name))

    def spaces(self, *, author: str | None = None, search: str | None = None) -> list[SpaceRow]:
        """By the time of their last change, newest first."""
        pattern = None if search is None else f"%{search.replace('%', '').replace('_', '')}%"
        rows = self._all(
            f"{_SPACES} WHERE (? IS NULL OR o.name = ?) AND (? IS NULL OR o.name || '/' || s.name LIKE ?)"
            " ORDER BY s.updated_at DESC, s.id DESC",
            (author, author, pattern, pattern),
        )
        return [_space(row) for row in rows]

    def set_private(self, space: int, *, private: bool) -> None:
        self._run("UPDATE spaces SET private = ? WHERE id = ?", (private, space))

    def space_changed(self, space: int, sdk: str, now: float) -> None:
        self._run("UPDATE spaces SET sdk = ?, updated_at = ? WHERE id = ?", (sdk, now, space))

    def remove_space(self, space: int) -> None:
        self._run("DELETE FROM spaces WHERE id = ?", (space,))

    # Values and how a Space runs

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

    def how_it_runs(self, space: int) -> tuple[float | None, bool]:
        """Seconds without a request until it sleeps (None: as the hub says, below 0: never); whether it is paused."""
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

    def by_subdomain(self, subdomain: str) -> SpaceRow | None:
        return self._one(_space, f"{_SPACES} WHERE s.subdomain = ?", (subdomain,))

    def _run(self, sql: str, values: tuple[Any, ...]) -> None:
        with self._lock:
            self._rows.clear()
            self._db.execute(sql, values)

    def _one(self, make: Callable[[tuple[Any, ...]], T], sql: str, values: tuple[Any, ...]) -> T | None:
        with self._lock:
            now = time.monotonic()
            if now - self._looked_at > _LOOK_S or len(self._rows) > _ROWS:
                (version,) = self._db.execute("PRAGMA data_version").fetchone()  # others' changes raise it
                if version != self._version or len(self._rows) > _ROWS:
                    self._rows.clear()
                self._version, self._looked_at = version, now
            key = (sql, values)
            if key not in self._rows:
                row = self._db.execute(sql, values).fetchone()
                self._rows[key] = None if row is None else make(row)
            found: T | None = self._rows[key]
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
