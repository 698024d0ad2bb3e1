"""The journal in one SQLite file, in WAL mode, with group commit.

With durability `process` a commit is a write to the page cache (synchronous=NORMAL), tens of microseconds, and is done
in the event loop; with `power` a commit waits for the disk (synchronous=FULL), in a thread (docs/adr/0002).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from spaceport.engine import Accepted, Failure, Finished, JobFilter, Outcome, State, Stored
from spaceport.engine.journal import Done
from spaceport.store.journal.checkpoints import Checkpoints
from spaceport.store.journal.codec import pack, unpack
from spaceport.store.journal.database import Durability, JournalDatabase
from spaceport.store.journal.group_commit import GroupCommit, Write
from spaceport.store.journal.outcome_files import OutcomeFiles

logger = logging.getLogger("spaceport.store")

_INLINE_BYTES = 256 << 10
"""A larger batch is committed in a thread, and a larger result lies in a file of its own."""
_ROW_BYTES = 256
"""About the bytes of a record without its payload or outcome."""
_PURGE_ROWS = 200
_COLUMNS = (
    "id, endpoint, payload, user, session, own_session, priority, retries, on_disconnect, accepted_at, state, attempt,"
    " started_at, finished_at, expires_at, idempotency_key, idempotency_digest, outcome, replica,"
    " request_id, outcome_bytes"
)
_ACCEPT = (
    "INSERT INTO jobs (id, epoch, endpoint, payload, user, session, own_session, priority, retries, on_disconnect,"
    " accepted_at, state, attempt, started_at, idempotency_key, idempotency_digest, replica, request_id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
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
    " outcome_bytes = ?, payload = CASE ?1 WHEN 'failed' THEN payload ELSE x'' END WHERE id = ?"
)


_LOST = Failure("internal", "The result was lost: its file is gone. Call again.", shown=True)
_STATES = {state.value: state for state in State}


class SqliteJournal:
    """Implements `engine.Journal`. Open it inside the running loop; it holds a lock on `path` until `close`."""

    persistent = True

    def __init__(self, path: Path, durability: Durability = Durability.PROCESS) -> None:
        """Raises `Conflict` when another process has the journal open, `OSError` when it cannot be written.

        A file that is damaged is set aside, and what can be read of it is copied to a new one.
        """
        self._database = JournalDatabase(path, durability)
        self._files = OutcomeFiles(path.with_name(f"{path.name}.outcomes"), durable=durability is Durability.POWER)
        self._file_bytes = 0
        self._checkpoints = Checkpoints(path, self._database.truncate_log, self._resume_commits)
        self._commits = GroupCommit(
            self._transact,
            sqlite3.Error,
            inline_bytes=_INLINE_BYTES if durability is Durability.PROCESS else 0,
            committed=self._checkpoints.committed,
            maintenance=self._checkpoints.due,
        )

    @property
    def epoch(self) -> int:
        return self._database.epoch

    @property
    def commits(self) -> int:
        return self._commits.commits

    @property
    def records(self) -> int:
        return self._commits.records

    @property
    def used_bytes(self) -> int:
        return self._database.used_bytes + self._file_bytes

    # Writing

    def accept(self, record: Accepted, done: Done) -> None:
        key, digest = record.idempotency or (None, None)
        values = (
            record.id,
            self._database.epoch,
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
            record.request_id,
        )
        self._commits.add(Write(_ACCEPT, values, done, False, _ROW_BYTES + len(record.payload)))

    def start(self, job_id: str, attempt: int, at: float, replica: str, done: Done) -> None:
        self._commits.add(Write(_START, (attempt, at, replica, job_id), done, False, _ROW_BYTES))

    def requeue(self, job_id: str, attempt: int, replica: str, done: Done) -> None:
        self._commits.add(Write(_REQUEUE, (attempt, replica, job_id), done, True, _ROW_BYTES))

    def finish(self, record: Finished, done: Done) -> None:
        data = record.outcome.data
        if data is None or len(data) <= _INLINE_BYTES:
            self._finish(record, 0, done)
            return
        size = len(data)

        def file_done(error: Exception | None) -> None:
            if error is not None:  # the row tries again until there is room
                self._finish(record, 0, done)
                return
            self._file_bytes += size
            self._finish(record, size, done)

        self._files.write(record.id, data, file_done)

    def _finish(self, record: Finished, file_bytes: int, done: Done) -> None:
        outcome = pack(record, data=not file_bytes)
        state = record.outcome.state.value
        values = (state, record.attempt, record.finished_at, record.expires_at, outcome, file_bytes, record.id)
        self._commits.add(Write(_FINISH, values, done, True, _ROW_BYTES + len(outcome)))

    def _transact(self, batch: Sequence[Write]) -> None:
        execute = self._database.writer.cursor().execute  # the connection's own makes a cursor for each statement
        if len(batch) == 1:  # a statement by itself is a transaction
            execute(batch[0].statement, batch[0].values)
            return
        execute("BEGIN IMMEDIATE")
        try:
            for write in batch:
                execute(write.statement, write.values)
            execute("COMMIT")
        except BaseException:
            if self._database.writer.in_transaction:
                execute("ROLLBACK")
            raise

    def _resume_commits(self) -> None:
        self._commits.flush()

    # Reading

    async def unfinished(self) -> list[Stored]:
        found: list[Stored] | None = None
        with contextlib.suppress(sqlite3.DatabaseError):
            found = self._unfinished()
        if found is None or await self._database.found_damage():
            self._database.replace_damaged()
            found = self._unfinished()
        if self._files.unchecked:
            rows = self._database.reader.execute("SELECT id, outcome_bytes FROM jobs WHERE outcome_bytes > 0")
            sizes = dict(rows.fetchall())
            self._file_bytes += sum(sizes.values())
            await self._files.sweep(sizes)
        return found

    def _unfinished(self) -> list[Stored]:
        rows = self._database.reader.execute(f"SELECT {_COLUMNS} FROM jobs WHERE finished_at IS NULL ORDER BY seq")  # noqa: S608
        return [_stored(row) for row in rows]

    async def read(self, job_id: str) -> Stored | None:
        stored, size = self._read(job_id)
        if stored is None or stored.finished is None or not size:
            return stored
        data = await self._files.read(job_id)
        outcome = stored.finished.outcome
        if data is not None and len(data) == size:
            outcome = outcome._replace(data=data)
        elif self._read(job_id)[0] is None:
            return None  # it was purged meanwhile
        else:
            logger.error("the result of job %s, %d bytes, is not in its file", job_id, size)
            outcome = Outcome(State.FAILED, None, _LOST, outcome.duration_s, outcome.average_s)
        return replace(stored, state=outcome.state, finished=stored.finished._replace(outcome=outcome))

    def _read(self, job_id: str) -> tuple[Stored | None, int]:
        """A job without what lies in a file, and the size of that."""
        row = self._database.reader.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()  # noqa: S608
        return (None, 0) if row is None else (_stored(row), row[-1])

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
        rows = self._database.reader.execute(
            f"SELECT {_COLUMNS} FROM jobs WHERE {chosen} ORDER BY seq DESC LIMIT ?",  # noqa: S608
            (*values, wanted.limit),
        )
        return [_stored(row) for row in rows]

    async def idempotent(self, key: str) -> tuple[str, bytes] | None:
        row = self._database.reader.execute(
            "SELECT id, idempotency_digest FROM jobs WHERE idempotency_key = ?", (key,)
        ).fetchone()
        return None if row is None else (row[0], row[1])

    async def session_user(self, session: str) -> tuple[str | None] | None:
        found: tuple[str | None] | None = self._database.reader.execute(
            "SELECT user FROM jobs WHERE session = ? AND own_session ORDER BY seq LIMIT 1", (session,)
        ).fetchone()
        return found

    async def session_replica(self, session: str, before: str, endpoints: Collection[str]) -> str | None:
        places = ", ".join("?" * len(endpoints))
        its = f"session = ? AND own_session AND id < ? AND replica != '' AND endpoint IN ({places})"
        row = self._database.reader.execute(
            f"SELECT replica FROM jobs WHERE {its} ORDER BY seq DESC LIMIT 1",  # noqa: S608
            (session, before, *endpoints),
        ).fetchone()
        return None if row is None else str(row[0])

    async def writable(self) -> bool:
        if self._commits.failed and not self._commits.closed:
            tried: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._commits.add(Write(_TOUCH, (), lambda _: tried.set_result(None), False, _ROW_BYTES))
            await tried
        return not self._commits.failed

    # Purging

    async def purge(self, now: float, max_bytes: int) -> int:
        deleted = await self._purge_some("expires_at <= ?", now)
        while self.used_bytes > max_bytes:
            count = await self._purge_some("expires_at > ?", now)
            deleted += count
            if count == 0:
                break
        await self._shrink()
        return deleted

    async def _shrink(self) -> None:
        """Make the file smaller if much of it is free; calls go on in between."""
        while await self._commits.idle():
            if not self._database.shrink():
                return
            await asyncio.sleep(0)

    async def _purge_some(self, where: str, now: float) -> int:
        """Delete the oldest ended jobs in small transactions, so that calls go on in between."""
        deleted = 0
        while await self._commits.idle():
            chosen = self._database.writer.execute(
                f"SELECT seq, id, outcome_bytes FROM jobs WHERE {where} ORDER BY expires_at LIMIT ?",  # noqa: S608
                (now, _PURGE_ROWS),
            ).fetchall()
            places = ", ".join("?" * len(chosen))
            self._database.writer.execute(f"DELETE FROM jobs WHERE seq IN ({places})", [row[0] for row in chosen])  # noqa: S608
            self._file_bytes -= sum(row[2] for row in chosen)
            await self._files.delete([row[1] for row in chosen if row[2]])
            deleted += len(chosen)
            if len(chosen) < _PURGE_ROWS or where.startswith("expires_at >"):
                break
            await asyncio.sleep(0)
        return deleted

    async def close(self) -> None:
        await self._files.close()
        await self._commits.close()
        await self._checkpoints.close()
        await self._database.close()


def has_unfinished(path: Path) -> bool:
    """Whether a closed journal has jobs without an outcome. Raises `OSError` if it cannot be read."""
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
    (attempt, started_at, finished_at, expires_at, key, digest, outcome, replica, request_id) = row[11:-1]
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
        request_id,
    )
    finished = None
    if finished_at is not None:
        finished = unpack(job_id, outcome, finished_at, expires_at, attempt, started_at)
    return Stored(accepted, _STATES[state], attempt, started_at, finished, replica)
