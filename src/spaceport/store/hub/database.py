"""The hub's SQLite file: opens it, runs statements, and caches rows until any process changes the file."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from spaceport.store.hub.lookalikes import skeleton
from spaceport.store.hub.schema import HUB_SCHEMA
from spaceport.store.migration import migrate
from spaceport.store.private import private_database

T = TypeVar("T")
Row = tuple[Any, ...]
_CACHED_ROWS = 10_000
_ABSENT: Any = object()
_VERSION_CHECK_INTERVAL_S = 0.02
"""How long a change by another process may go unseen."""


class HubDatabase:
    """Several processes may have the file open; any thread may use it."""

    def __init__(self, path: Path) -> None:
        """Raises `Conflict` for a file of a newer version of Spaceport."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        private_database(path)
        self._lock = threading.RLock()
        """Guards the connection and the cache; whoever has opened a transaction holds it."""
        self._cache: dict[tuple[str, Row], Any] = {}
        """By statement and parameters: what was read. Cleared after every change, of this process or another."""
        self._version = 0
        self._checked_until = 0.0
        """Until when the cache counts as up to date, by `time.monotonic()`."""
        self.changes = 0
        """How often the cache was cleared: what was made of rows is out of date once this, after `refresh`, differs."""
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.create_function("skeleton", 1, skeleton, deterministic=True)
        migrate(self._db, HUB_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def run(self, sql: str, values: Row = ()) -> int:
        """Run a statement that changes something; how many rows it changed."""
        with self._lock:
            self._clear_cache()
            return self._db.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What runs inside is done all or not at all, and no other process writes in between."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._clear_cache()

    def all(self, sql: str, values: Row = ()) -> list[Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def _clear_cache(self) -> None:
        self._cache.clear()
        self.changes += 1

    def refresh(self) -> None:
        """Notice what other processes have changed, at most `_VERSION_CHECK_INTERVAL_S` late."""
        if time.monotonic() < self._checked_until:
            return
        with self._lock:
            (version,) = self._db.execute("PRAGMA data_version").fetchone()  # changes of other processes raise it
            if version != self._version or len(self._cache) >= _CACHED_ROWS:
                self._clear_cache()
            self._version, self._checked_until = version, time.monotonic() + _VERSION_CHECK_INTERVAL_S

    def one(self, make: Callable[[Row], T], sql: str, values: Row) -> T | None:
        """What `make` makes of the first row; cached."""
        return self.cached(lambda rows: make(rows[0]) if rows else None, sql, values)

    def cached(self, make: Callable[[Sequence[Row]], T], sql: str, values: Row) -> T:
        """What `make` makes of all rows; cached, so that it must be immutable."""
        self.refresh()
        key = (sql, values)
        found: T = self._cache.get(key, _ABSENT)  # rows are added, and the cache is cleared, by who holds the lock
        if found is not _ABSENT:
            return found
        with self._lock:
            found = make(self._db.execute(sql, values).fetchall())
            if len(self._cache) < _CACHED_ROWS and not self._db.in_transaction:
                self._cache[key] = found
            return found
