"""The journal of durability `memory`, which ends with the process: for tests, and for a Space whose hub journals."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

from spaceport.engine import Accepted, Finished, JobFilter, State, Stored
from spaceport.engine.journal import Done


@dataclass(slots=True)
class _Row:
    accepted: Accepted
    state: State
    attempt: int
    started_at: float | None
    finished: Finished | None = None
    size: int = 0
    replica: str = ""


class MemoryJournal:
    """Implements `engine.Journal`. Every record is done at once, so `done` runs inside the call."""

    epoch = 1
    persistent = False
    commits = records = 0

    def __init__(self) -> None:
        self._rows: OrderedDict[str, _Row] = OrderedDict()
        self._keys: dict[str, str] = {}
        self._sessions: dict[str, tuple[str | None]] = {}
        self._bytes = 0

    def accept(self, record: Accepted, done: Done) -> None:
        state = State.RUNNING if record.started else State.QUEUED
        started_at = record.accepted_at if record.started else None
        self._rows[record.id] = _Row(record, state, int(record.started), started_at, replica=record.replica)
        if record.idempotency is not None:
            self._keys[record.idempotency[0]] = record.id
        if record.own_session and record.session is not None:
            self._sessions.setdefault(record.session, (record.user,))
        done(None)

    def start(self, job_id: str, attempt: int, at: float, replica: str, done: Done) -> None:
        row = self._rows[job_id]
        row.state, row.attempt, row.started_at, row.replica = State.RUNNING, attempt, at, replica
        done(None)

    def requeue(self, job_id: str, attempt: int, replica: str, done: Done) -> None:
        row = self._rows[job_id]
        row.state, row.attempt, row.replica = State.QUEUED, attempt, replica
        done(None)

    def finish(self, record: Finished, done: Done) -> None:
        row = self._rows[record.id]
        row.state, row.finished, row.attempt = record.outcome.state, record, record.attempt
        row.size = 1000 + len(record.outcome.data or b"")
        self._bytes += row.size
        done(None)

    async def unfinished(self) -> list[Stored]:
        return [_stored(row) for row in self._rows.values() if row.finished is None]

    async def read(self, job_id: str) -> Stored | None:
        row = self._rows.get(job_id)
        return None if row is None else _stored(row)

    async def listing(self, wanted: JobFilter) -> list[Stored]:
        rows = iter(reversed(self._rows.values()))
        if wanted.before is not None:
            rows = itertools.islice(itertools.dropwhile(lambda row: row.accepted.id != wanted.before, rows), 1, None)
        found = (_stored(row) for row in rows if _matches(row, wanted))
        return list(itertools.islice(found, wanted.limit))

    async def idempotent(self, key: str) -> tuple[str, bytes] | None:
        row = self._rows.get(self._keys.get(key, ""))
        if row is None or row.accepted.idempotency is None:
            return None
        return row.accepted.id, row.accepted.idempotency[1]

    async def session_user(self, session: str) -> tuple[str | None] | None:
        return self._sessions.get(session)

    async def session_replica(self, session: str, before: str, endpoints: Collection[str]) -> str | None:
        for row in reversed(self._rows.values()):
            record = row.accepted
            its = record.session == session and record.own_session and record.endpoint in endpoints
            if its and row.replica and record.id < before:
                return row.replica
        return None

    @property
    def used_bytes(self) -> int:
        return self._bytes

    async def writable(self) -> bool:
        return True

    async def purge(self, now: float, max_bytes: int) -> int:
        deleted = [
            job_id for job_id, row in self._rows.items() if row.finished is not None and row.finished.expires_at <= now
        ]
        excess = self._bytes - sum(self._rows[job_id].size for job_id in deleted) - max_bytes
        for job_id, row in self._rows.items():
            if excess <= 0:
                break
            if row.finished is not None and row.finished.expires_at > now:
                deleted.append(job_id)
                excess -= row.size
        for job_id in deleted:
            row = self._rows.pop(job_id)
            self._sessions.pop(row.accepted.session or "", None)
            self._bytes -= row.size
            if row.accepted.idempotency is not None:
                self._keys.pop(row.accepted.idempotency[0], None)
        return len(deleted)

    async def close(self) -> None:
        self._rows.clear()
        self._keys.clear()
        self._sessions.clear()


def _matches(row: _Row, wanted: JobFilter) -> bool:
    record = row.accepted
    if wanted.user is not None:
        mine = record.user == wanted.user
    else:
        mine = wanted.everybody or (record.user is None and record.own_session and record.session == wanted.session)
    return (
        mine
        and (not wanted.states or row.state in wanted.states)
        and wanted.endpoint in (None, record.endpoint)
        and record.accepted_at >= wanted.since
    )


def _stored(row: _Row) -> Stored:
    return Stored(row.accepted, row.state, row.attempt, row.started_at, row.finished, row.replica)
