"""The store of webhooks in a SQLite file of its own."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spaceport.errors import Conflict
from spaceport.store.migration import Schema, migrate
from spaceport.store.private import private_database
from spaceport.store.webhooks.ports import Delivery, Hook

_TABLES = """
CREATE TABLE IF NOT EXISTS hooks (
  job TEXT PRIMARY KEY,
  user TEXT,
  url TEXT NOT NULL,
  events TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  job TEXT NOT NULL,
  user TEXT,
  url TEXT NOT NULL,
  host TEXT NOT NULL,
  event TEXT NOT NULL,
  body BLOB NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  created_at REAL NOT NULL,
  due_at REAL NOT NULL,
  status INTEGER,
  error TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at) WHERE state = 'due';
CREATE INDEX IF NOT EXISTS deliveries_by_job ON deliveries (job);
"""
_COLUMNS = "id, job, user, url, event, body, state, attempts, created_at, due_at, status, error"
_ADD = (
    "INSERT INTO deliveries (id, job, user, url, host, event, body, state, attempts, created_at, due_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, 'due', 0, ?, ?)"
)


_SCHEMA = Schema("file of webhooks", 1, _TABLES)


class SqliteWebhookStore:
    """Implements `ports.WebhookStore` in a file of its own. A call takes tens of microseconds."""

    def __init__(self, path: Path) -> None:
        private_database(path)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        migrate(self._db, _SCHEMA)

    def add_hook(self, hook: Hook) -> None:
        values = (hook.job, hook.user, hook.url, ",".join(hook.events))
        self._run("INSERT INTO hooks VALUES (?, ?, ?, ?)", values)

    def remove_hook(self, job: str) -> None:
        self._run("DELETE FROM hooks WHERE job = ?", (job,))

    def hooks(self) -> list[Hook]:
        rows = self._db.execute("SELECT job, user, url, events FROM hooks")
        return [Hook(job, user, url, tuple(events.split(","))) for job, user, url, events in rows]

    def add_delivery(self, hook: Hook, event: str, body: bytes, now: float, *, last: bool) -> None:
        host = urlsplit(hook.url).netloc
        message = (f"msg_{os.urandom(16).hex()}", hook.job, hook.user, hook.url, host, event, body, now, now)
        self._run("BEGIN IMMEDIATE")
        try:
            self._run(_ADD, message)
            if last:
                self._run("DELETE FROM hooks WHERE job = ?", (hook.job,))
            self._run("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.rollback()
            raise

    def due(self, now: float, sending: Collection[str], busy: Collection[str], limit: int) -> list[Delivery]:
        ids, hosts = ", ".join("?" * len(sending)), ", ".join("?" * len(busy))
        which = f"WHERE state = 'due' AND due_at <= ? AND id NOT IN ({ids}) AND host NOT IN ({hosts})"
        return self._all(f"{which} ORDER BY due_at LIMIT ?", (now, *sending, *busy, limit))

    def next_due(self) -> float | None:
        found: float | None = self._db.execute("SELECT min(due_at) FROM deliveries WHERE state = 'due'").fetchone()[0]
        return found

    def record_attempt(
        self, delivery: Delivery, state: str, due_at: float, status: int | None, error: str | None
    ) -> None:
        self._run(
            "UPDATE deliveries SET state = ?, attempts = attempts + 1, due_at = ?, status = ?, error = ? WHERE id = ?",
            (state, due_at, status, error, delivery.id),
        )

    def redeliver(self, delivery_id: str, now: float) -> None:
        self._run("UPDATE deliveries SET state = 'due', attempts = 0, due_at = ? WHERE id = ?", (now, delivery_id))

    def get(self, delivery_id: str) -> Delivery | None:
        return next(iter(self._all("WHERE id = ?", (delivery_id,))), None)

    def listing(
        self, *, user: str | None, everybody: bool, job: str | None, state: str | None, before: str | None, limit: int
    ) -> list[Delivery]:
        where, values = ["TRUE"], list[Any]()
        if not everybody:
            where.append("user IS ?")
            values.append(user)
        for column, value in (("job", job), ("state", state)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        if before is not None:
            where.append("seq < (SELECT seq FROM deliveries WHERE id = ?)")
            values.append(before)
        return self._all(f"WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT ?", (*values, limit))

    def counts(self) -> tuple[int, int]:
        (hooks,) = self._db.execute("SELECT count(*) FROM hooks").fetchone()
        (due,) = self._db.execute("SELECT count(*) FROM deliveries WHERE state = 'due'").fetchone()
        return hooks, due

    def purge(self, before: float) -> None:
        self._run("DELETE FROM deliveries WHERE state != 'due' AND created_at < ?", (before,))

    def close(self) -> None:
        self._db.close()

    def _run(self, sql: str, values: tuple[Any, ...] = ()) -> None:
        try:
            self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise OSError(f"webhooks: {error}") from error

    def _all(self, rest: str, values: tuple[Any, ...]) -> list[Delivery]:
        return [Delivery(*row) for row in self._db.execute(f"SELECT {_COLUMNS} FROM deliveries {rest}", values)]  # noqa: S608


def has_due(path: Path) -> bool:
    """Whether a closed file of webhooks has jobs or deliveries to wait for. Raises `OSError` if it cannot be read."""
    if not path.exists():
        return False
    try:
        store = SqliteWebhookStore(path)
    except (sqlite3.Error, Conflict) as error:
        raise OSError(f"{path.name}: {error}") from error
    with contextlib.closing(store):
        return any(store.counts())
