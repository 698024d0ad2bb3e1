"""The seam to durable storage: records that are written before anyone is told of what they say.

Contract, for every implementation (tests/contract/test_journal.py):
- Records of one job take effect in the order of the calls; `done(None)` runs in the loop thread once the record is as
  safe as the journal's durability promises, `done(error)` if it could not be written, and then it has no effect.
- Many records share one commit; no record waits for a later one.
- `finish` and `requeue` are never refused for good: while the disk fails they are tried again, until they are written
  or the journal is closed. `close` tries once more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from spaceport.engine.outcome import Outcome, State
from spaceport.engine.updates import Entry

Done = Callable[[Exception | None], None]


class Accepted(NamedTuple):
    """A new job. `started` if it begins at once, so that one commit records both."""

    id: str
    endpoint: str
    payload: bytes
    user: str | None
    session: str | None
    own_session: bool
    priority: int
    retries: int
    on_disconnect: str
    accepted_at: float
    started: bool
    replica: str = ""
    """The id of the replica it was sent to (`Attempt.replica`)."""
    idempotency: tuple[str, bytes] | None = None
    """Scope-and-key, and the digest of the body it is bound to."""
    request_id: str = ""
    """The id of the HTTP request that submitted it."""


class Finished(NamedTuple):
    """A job's end, with the updates that a late reader may still request."""

    id: str
    outcome: Outcome
    finished_at: float
    expires_at: float
    attempt: int
    started_at: float | None
    seq: int
    """Sequence number of the end itself."""
    entries: Sequence[Entry] = ()
    base: list[Any] | None = None
    folded: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """A job as the journal has it. `finished` is None while the job waits or runs."""

    accepted: Accepted
    state: State
    attempt: int
    started_at: float | None
    finished: Finished | None
    replica: str = ""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Selects the jobs of `user`; without one, those of `session` that have no user; with `everybody`, all jobs.

    Of these, it selects the jobs in one of `states` (empty: any), of `endpoint`, accepted at `since` or later (seconds
    since the epoch) and before the job `before`; at most `limit`.
    """

    user: str | None = None
    session: str | None = None
    everybody: bool = False
    states: tuple[State, ...] = ()
    endpoint: str | None = None
    since: float = 0.0
    before: str | None = None
    limit: int = 50


class Journal(Protocol):
    @property
    def epoch(self) -> int:
        """How many times this journal has been opened; grows with every start."""
        ...

    @property
    def persistent(self) -> bool:
        """Whether a later process can read what this one wrote."""
        ...

    @property
    def commits(self) -> int:
        """How many commits this process has made."""
        ...

    @property
    def records(self) -> int:
        """How many records these commits wrote."""
        ...

    @property
    def used_bytes(self) -> int:
        """The bytes that all its records take."""
        ...

    def accept(self, record: Accepted, done: Done) -> None: ...

    def start(self, job_id: str, attempt: int, at: float, replica: str, done: Done) -> None: ...

    def requeue(self, job_id: str, attempt: int, replica: str, done: Done) -> None:
        """A running job waits again. `attempt` attempts have begun; `replica` is the one in whose queue it waits, or
        ""."""
        ...

    def finish(self, record: Finished, done: Done) -> None: ...

    async def unfinished(self) -> list[Stored]:
        """Jobs without an outcome, in the order they were accepted."""
        ...

    async def read(self, job_id: str) -> Stored | None: ...

    async def listing(self, wanted: JobFilter) -> list[Stored]:
        """Newest first. Large results may be left out: a succeeded outcome's `data` is None then."""
        ...

    async def idempotent(self, key: str) -> tuple[str, bytes] | None:
        """The job id and the body digest that a scope-and-key stands for, while that job's outcome is kept."""
        ...

    async def session_user(self, session: str) -> tuple[str | None] | None:
        """The user of the oldest kept job of a session that its caller named; None when there is no such job."""
        ...

    async def session_replica(self, session: str, before: str, endpoints: Collection[str]) -> str | None:
        """The replica that the session's newest kept job of these endpoints, older than the job `before`, was sent to;
        None when there is no such job."""
        ...

    async def writable(self) -> bool:
        """Whether records can be written. Tries to write one if the newest could not be written."""
        ...

    async def purge(self, now: float, max_bytes: int) -> int:
        """Delete outcomes past their `expires_at`, then the oldest ones above `max_bytes`; how many jobs went."""
        ...

    async def close(self) -> None:
        """Write what is pending and release the journal. Afterwards another process may open it."""
        ...
