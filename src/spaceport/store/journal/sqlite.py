"""The journal in one SQLite file, in WAL mode, with group commit.

Everything that arrives within one turn of the event loop is committed together. With durability `process` a commit
is a write to the page cache (synchronous=NORMAL), tens of microseconds, and is done in the loop itself: a hop to a
thread and back would cost more than the commit (docs/adr/0002). With `power` a commit waits for the disk
(synchronous=FULL), and large batches wait for memory; both go to a thread, and what arrives meanwhile is
the next batch.
Checkpoints, which do wait for the disk, always run in a thread of their own. While calls come without a pause the log
in front of the file would never be copied to its end and begin anew: when it is large, commits wait once for that, and
sooner where the disk is slower than they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import sqlite3
from collections.abc import Collection, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from spaceport.engine import Accepted, Finished, JobFilter, State, Stored
from spaceport.engine.journal import Done
from spaceport.errors import Conflict
from spaceport.store.journal.codec import pack, unpack
from spaceport.store.journal.salvage import damaged, epoch_of, left_open, salvage, set_aside

logger = logging.getLogger("spaceport.store")

_INLINE_BYTES = 256 << 10
_ROW_BYTES = 256
"""Of a record, without its payload or outcome."""
_CHECKPOINT_BYTES = 4 << 20
_RETRY_S = 0.5
_WAL_BYTES = 16 << 20
"""How large the log in front of the file may be before it has to begin anew, and what it is cut to."""
_WAL_MOST = 64 << 20
"""How large it may become while it is copied: on a slow disk commits then wait for that."""
_PAGE_BYTES = 2048
"""Of a new file. A commit writes whole pages: a small call's takes a seventh less than with 4096."""
_SPARE = 4
"""A file with more than one page of so many free gives them back to the disk, a few at a time."""
_SPARE_PAGES = 1000
_GIVE_BACK = 200
_INCREMENTAL = 2
_SCHEMA_VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  epoch INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  payload BLOB NOT NULL,
  user TEXT,
  session TEXT,
  own_session INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  retries INTEGER NOT NULL,
  on_disconnect TEXT NOT NULL,
  accepted_at REAL NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  started_at REAL,
  finished_at REAL,
  expires_at REAL,
  idempotency_key TEXT,
  idempotency_digest BLOB,
  outcome BLOB,
  replica TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS jobs_unfinished ON jobs (seq) WHERE finished_at IS NULL;
CREATE INDEX IF NOT EXISTS jobs_by_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS jobs_by_key ON jobs (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_by_user ON jobs (user, seq) WHERE user IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_by_session ON jobs (session, seq) WHERE own_session;
"""
_COLUMNS = (
    "id, endpoint, payload, user, session, own_session, priority, retries, on_disconnect, accepted_at, state, attempt,"
    " started_at, finished_at, expires_at, idempotency_key, idempotency_digest, outcome, replica"
)
_ACCEPT = (
    "INSERT INTO jobs (id, epoch, endpoint, payload, user, session, own_session, priority, retries, on_disconnect,"
    " accepted_at, state, attempt, started_at, idempotency_key, idempotency_digest, replica)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_START = "UPDATE jobs SET state = 'running', attempt = ?, started_at = ?, replica = ? WHERE id = ?"
# A value that does not change would not be written.
_TOUCH = (
    "INSERT INTO meta (key, value) VALUES ('touched', 1) ON CONFLICT (key) DO UPDATE SET value = (value + 1) % 1000"
)
_REQUEUE = "UPDATE jobs SET state = 'queued', attempt = ?, replica = ? WHERE id = ?"
# The arguments go with the end, for they may be private; those of a failed call are kept to call it again.
_FINISH = (
    "UPDATE jobs SET state = ?1, attempt = ?, finished_at = ?, expires_at = ?, outcome = ?,"
    " payload = CASE ?1 WHEN 'failed' THEN payload ELSE x'' END WHERE id = ?"
)


_STATES = {state.value: state for state in State}


class Durability(str, Enum):
    """What a journalled fact survives."""

    PROCESS = "process"
    POWER = "power"


class _Write(NamedTuple):
    sql: str
    values: tuple[Any, ...]
    done: Done
    must: bool
    """Tried again until it works, instead of being refused."""
    size: int
    """About the bytes of it."""


class SqliteJournal:
    """Open it inside the running loop that will use it. Holds a lock on `path` until `close`."""

    persistent = True

    def __init__(self, path: Path, durability: Durability = Durability.PROCESS) -> None:
        """Raises `Conflict` when another process has the journal open, `OSError` when it cannot be written.

        A file that is damaged is set aside, and what can be read of it is taken over.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = (path.parent / (path.name + ".lock")).open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise Conflict("Another server has this journal open. Stop it, or choose another data folder.") from None
        self._path = path
        self._inline = durability is Durability.PROCESS
        self._loop = asyncio.get_running_loop()
        self._synchronous = "FULL" if durability is Durability.POWER else "NORMAL"
        left = left_open(path)
        try:
            self._open()
        except sqlite3.OperationalError as error:
            self._lock.close()
            raise OSError(
                f"The journal {path.name} cannot be written ({error}): see to its folder's rights."
            ) from error
        self._reader = self._connect_reader()
        self._check = self._loop.run_in_executor(None, damaged, path) if left else None
        """Looks at all pages meanwhile."""
        self._pending: list[_Write] = []
        self._scheduled = False
        self._busy: asyncio.Future[None] | None = None
        self._since_checkpoint = 0
        self._checkpoint: asyncio.Future[None] | None = None
        self._long_log = False
        """Whether the log has to begin anew, as soon as nothing is being written."""
        self._closed = False
        self._failed = False
        self.commits = 0
        self.records = 0

    def _open(self) -> None:
        """Raises `sqlite3.OperationalError`."""
        try:
            self._prepare()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Without the damaged file, but with what can be read of it."""
        self._writer.close()
        aside = set_aside(self._path)
        self._prepare()
        copied, holes = salvage(aside, self._writer)
        self._writer.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (epoch_of(aside),))
        self.epoch = self._open_epoch()
        logger.error(
            "the journal was damaged: it is kept as %s. %d calls were taken over from it; in %d places some could"
            " not be read",
            aside.name,
            copied,
            holes,
        )

    def _prepare(self) -> None:
        self._writer = self._connect(self._synchronous)
        self._compactable()
        self._writer.executescript(_SCHEMA)
        self.epoch = self._open_epoch()

    def _connect(self, synchronous: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)
        connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA cache_size=-1024")
        connection.execute(f"PRAGMA journal_size_limit={_WAL_BYTES}")
        return connection

    def _connect_reader(self) -> sqlite3.Connection:
        reader = self._connect("NORMAL")
        reader.execute("PRAGMA query_only=ON")
        return reader

    def _compactable(self) -> None:
        """Pages that are free can be given back. A file from before that was possible is written anew, once."""
        (mode,) = self._writer.execute("PRAGMA auto_vacuum").fetchone()
        if mode != _INCREMENTAL:
            self._writer.execute("PRAGMA auto_vacuum=INCREMENTAL")
            self._writer.execute("VACUUM")

    def _open_epoch(self) -> int:
        self._writer.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('version', ?)", (_SCHEMA_VERSION,))
        (version,) = self._writer.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
        if version == 1:
            self._writer.execute("ALTER TABLE jobs ADD COLUMN replica TEXT NOT NULL DEFAULT ''")
            self._writer.execute("UPDATE meta SET value = 2 WHERE key = 'version'")
            version = 2
        if version != _SCHEMA_VERSION:
            raise Conflict(f"This journal has format {version}; this version of Spaceport reads {_SCHEMA_VERSION}.")
        self._writer.execute(
            "INSERT INTO meta (key, value) VALUES ('epoch', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1"
        )
        (epoch,) = self._writer.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        return int(epoch)

    # Writing

    def accept(self, record: Accepted, done: Done) -> None:
        key, digest = record.idempotency or (None, None)
        values = (
            record.id,
            self.epoch,
            record.endpoint,
            record.payload,
            record.user,
            record.session,
            record.own_session,
            record.priority,
            record.retries,
            record.on_disconnect,
            record.accepted_at,
            "running" if record.started else "queued",
            int(record.started),
            record.accepted_at if record.started else None,
            key,
            digest,
            record.replica,
        )
        self._add(_Write(_ACCEPT, values, done, False, _ROW_BYTES + len(record.payload)))

    def start(self, job_id: str, attempt: int, at: float, replica: str, done: Done) -> None:
        self._add(_Write(_START, (attempt, at, replica, job_id), done, False, _ROW_BYTES))

    def requeue(self, job_id: str, attempt: int, replica: str, done: Done) -> None:
        self._add(_Write(_REQUEUE, (attempt, replica, job_id), done, True, _ROW_BYTES))

    def finish(self, record: Finished, done: Done) -> None:
        outcome = pack(record)
        state = record.outcome.state.value
        values = (state, record.attempt, record.finished_at, record.expires_at, outcome, record.id)
        self._add(_Write(_FINISH, values, done, True, _ROW_BYTES + len(outcome)))

    def _add(self, write: _Write) -> None:
        if self._closed:
            write.done(RuntimeError("the journal is closed"))
            return
        self._pending.append(write)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        if self._busy is None and self._long_log:
            self._long_log = False
            self._busy = asyncio.ensure_future(self._begin_log_anew())
        if self._busy is None and self._checkpoint is not None and self._log_bytes > _WAL_MOST:
            self._busy = asyncio.ensure_future(self._wait_for(self._checkpoint))
        if self._busy is not None or not self._pending:
            self._scheduled = self._busy is not None  # until the thread is back
            return
        batch, self._pending = self._pending, []
        self._scheduled = False
        size = sum([write.size for write in batch])
        if self._inline and size <= _INLINE_BYTES:
            self._settle(self._commit(batch), size)
        else:
            self._scheduled = True  # until the thread is back
            self._busy = asyncio.ensure_future(self._commit_in_thread(batch, size))

    async def _commit_in_thread(self, batch: list[_Write], size: int) -> None:
        results = await self._loop.run_in_executor(None, self._commit, batch)
        self._busy = None
        self._settle(results, size)
        self._flush()

    def _commit(self, batch: Sequence[_Write]) -> list[tuple[_Write, Exception | None]]:
        """Write a batch in one transaction; if that fails, each record in one of its own, so one hurts no other."""
        try:
            self._transact(batch)
        except sqlite3.Error as error:
            if len(batch) == 1:
                return [(batch[0], error)]
            return [result for write in batch for result in self._commit([write])]
        return [(write, None) for write in batch]

    def _transact(self, batch: Sequence[_Write]) -> None:
        execute = self._writer.cursor().execute  # the connection's own makes a cursor for each statement
        if len(batch) == 1:  # a statement by itself is a transaction
            execute(batch[0].sql, batch[0].values)
            return
        execute("BEGIN IMMEDIATE")
        try:
            for write in batch:
                execute(write.sql, write.values)
            execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                execute("ROLLBACK")
            raise

    def _settle(self, results: Sequence[tuple[_Write, Exception | None]], size: int) -> None:
        again: list[_Write] = []
        self.commits += 1
        self.records += len(results)
        for write, error in results:
            self._failed = error is not None
            if error is not None and write.must and not self._closed:
                again.append(write)
            else:
                write.done(error)
        if again:
            logger.error("the journal cannot be written; %d records are tried again", len(again))
            self._loop.call_later(_RETRY_S, self._again, again)
        self._since_checkpoint += size + 4096
        if self._since_checkpoint > _CHECKPOINT_BYTES and self._checkpoint is None:
            self._since_checkpoint = 0
            self._checkpoint = self._loop.run_in_executor(None, self._run_checkpoint)
            self._checkpoint.add_done_callback(self._checkpointed)

    def _again(self, writes: list[_Write]) -> None:
        self._pending[:0] = writes
        if not self._scheduled:
            self._scheduled = True
            self._flush()

    def _run_checkpoint(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            connection.close()

    def _checkpointed(self, future: asyncio.Future[None]) -> None:
        self._checkpoint = None
        error = None if future.cancelled() else future.exception()
        if error is not None:
            logger.warning("checkpoint: %s", error)
        elif not self._closed and self._log_bytes > _WAL_BYTES:
            self._long_log = True
            self._flush()

    @property
    def _log_bytes(self) -> int:
        try:
            return Path(f"{self._path}-wal").stat().st_size
        except OSError:
            return 0

    async def _wait_for(self, checkpoint: asyncio.Future[None]) -> None:
        await asyncio.wait([checkpoint])
        self._busy = None
        self._flush()

    async def _begin_log_anew(self) -> None:
        """What the checkpoint has left is little: copy it while nothing is written, and cut the log."""
        try:
            await self._loop.run_in_executor(None, self._cut_log)
        except sqlite3.Error as error:
            logger.warning("checkpoint: %s", error)
        self._busy = None
        self._flush()

    def _cut_log(self) -> None:
        self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    # Reading

    async def unfinished(self) -> list[Stored]:
        try:
            found = self._unfinished()
        except sqlite3.DatabaseError:
            found = None
        check, self._check = self._check, None
        if found is None or (check is not None and await check):
            self._reader.close()
            self._begin_anew()
            self._reader = self._connect_reader()
            found = self._unfinished()
        return found

    def _unfinished(self) -> list[Stored]:
        rows = self._reader.execute(f"SELECT {_COLUMNS} FROM jobs WHERE finished_at IS NULL ORDER BY seq")  # noqa: S608
        return [_stored(row) for row in rows]

    async def read(self, job_id: str) -> Stored | None:
        row = self._reader.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()  # noqa: S608
        return None if row is None else _stored(row)

    async def listing(self, wanted: JobFilter) -> list[Stored]:
        where: list[str] = []
        values: list[Any] = []

        def add(condition: str, *given: Any) -> None:
            where.append(condition)
            values.extend(given)

        if wanted.user is not None:
            add("user = ?", wanted.user)
        elif not wanted.everybody:
            add("session = ? AND own_session AND user IS NULL", wanted.session or "")
        if wanted.states:
            add(f"state IN ({', '.join('?' * len(wanted.states))})", *(state.value for state in wanted.states))
        if wanted.endpoint is not None:
            add("endpoint = ?", wanted.endpoint)
        if wanted.since:
            add("accepted_at >= ?", wanted.since)
        if wanted.before is not None:
            add("seq < (SELECT seq FROM jobs WHERE id = ?)", wanted.before)
        chosen = " AND ".join(where) or "TRUE"
        rows = self._reader.execute(
            f"SELECT {_COLUMNS} FROM jobs WHERE {chosen} ORDER BY seq DESC LIMIT ?",  # noqa: S608
            (*values, wanted.limit),
        )
        return [_stored(row) for row in rows]

    async def idempotent(self, key: str) -> tuple[str, bytes] | None:
        row = self._reader.execute(
            "SELECT id, idempotency_digest FROM jobs WHERE idempotency_key = ?", (key,)
        ).fetchone()
        return None if row is None else (row[0], row[1])

    async def session_user(self, session: str) -> tuple[str | None] | None:
        found: tuple[str | None] | None = self._reader.execute(
            "SELECT user FROM jobs WHERE session = ? AND own_session ORDER BY seq LIMIT 1", (session,)
        ).fetchone()
        return found

    async def session_replica(self, session: str, before: str, endpoints: Collection[str]) -> str | None:
        places = ", ".join("?" * len(endpoints))
        its = f"session = ? AND own_session AND id < ? AND replica != '' AND endpoint IN ({places})"
        row = self._reader.execute(
            f"SELECT replica FROM jobs WHERE {its} ORDER BY seq DESC LIMIT 1",  # noqa: S608
            (session, before, *endpoints),
        ).fetchone()
        return None if row is None else str(row[0])

    async def writable(self) -> bool:
        if self._failed and not self._closed:
            tried: asyncio.Future[None] = self._loop.create_future()
            self._add(_Write(_TOUCH, (), lambda _: tried.set_result(None), False, _ROW_BYTES))
            await tried
        return not self._failed

    async def purge(self, now: float, max_bytes: int) -> int:
        gone = await self._purge_some("expires_at <= ?", now)
        while self.used_bytes > max_bytes:
            count = await self._purge_some("expires_at > ?", now)
            gone += count
            if count == 0:
                break
        await self._give_back()
        return gone

    async def _give_back(self) -> None:
        """Shrink the file, where much of it is free; calls go on in between."""
        while await self._idle():
            (pages,) = self._writer.execute("PRAGMA page_count").fetchone()
            (free,) = self._writer.execute("PRAGMA freelist_count").fetchone()
            if free < _SPARE_PAGES or free * _SPARE < pages:
                return
            self._writer.execute(f"PRAGMA incremental_vacuum({_GIVE_BACK})").fetchall()
            await asyncio.sleep(0)

    async def _purge_some(self, where: str, now: float) -> int:
        """Delete the oldest ended jobs in small transactions, so that calls go on in between."""
        gone = 0
        while await self._idle():
            count = self._writer.execute(
                f"DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE {where} ORDER BY expires_at LIMIT 200)",  # noqa: S608
                (now,),
            ).rowcount
            gone += count
            if count < 200 or where.startswith("expires_at >"):
                break
            await asyncio.sleep(0)
        return gone

    async def _idle(self) -> bool:
        """Wait until no thread has the writer; False: the journal is closed."""
        while self._busy is not None:
            await asyncio.wait([self._busy])
        return not self._closed

    @property
    def used_bytes(self) -> int:
        """What its records take in the file."""
        (pages,) = self._reader.execute("PRAGMA page_count").fetchone()
        (free,) = self._reader.execute("PRAGMA freelist_count").fetchone()
        (size,) = self._reader.execute("PRAGMA page_size").fetchone()
        return int((pages - free) * size)

    async def close(self) -> None:
        while self._pending or self._busy is not None:
            if self._busy is not None:
                await self._busy
            else:
                self._closed = True  # what cannot be written now is refused, not tried again
                self._flush()
        self._closed = True
        for task in (self._checkpoint, self._check):
            if task is not None:
                await asyncio.wait([task])
        self._reader.close()
        self._writer.close()
        self._lock.close()


def has_unfinished(path: Path) -> bool:
    """Whether a journal that nobody has open holds jobs without an outcome. Raises `OSError` if it cannot be read."""
    if not path.exists():
        return False
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
            found = connection.execute("SELECT 1 FROM jobs WHERE finished_at IS NULL LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise OSError(f"{path.name}: {error}") from error
    return found is not None


def _stored(row: tuple[Any, ...]) -> Stored:
    (job_id, endpoint, payload, user, session, own, priority, retries, on_disconnect, accepted_at, state) = row[:11]
    (attempt, started_at, finished_at, expires_at, key, digest, outcome, replica) = row[11:]
    accepted = Accepted(
        job_id,
        endpoint,
        payload,
        user,
        session,
        bool(own),
        priority,
        retries,
        on_disconnect,
        accepted_at,
        started_at is not None,
        replica,
        None if key is None else (key, digest),
    )
    finished = None
    if finished_at is not None:
        finished = unpack(job_id, outcome, finished_at, expires_at, attempt, started_at)
    return Stored(accepted, _STATES[state], attempt, started_at, finished, replica)
