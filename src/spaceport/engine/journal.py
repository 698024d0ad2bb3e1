"""The seam to storage: what the engine must never forget, written before anyone is told.

Contract, for every implementation (tests/contract/test_journal.py):
- Records take effect in the order of the calls; `done(None)` runs in the loop thread once the record is as safe as
  the journal's durability promises, `done(error)` if it could not be written, and then it has no effect.
- Many records share one commit; a record waits for no later one.
- `finish` is never refused for good: while the disk fails it is tried again until it works or the journal is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from spaceport.engine.outcome import Outcome, State
from spaceport.engine.updates import Entry

Done = Callable[[Exception | None], None]


class Accepted(NamedTuple):
    """A new job. `started` when it begins at once, so that one commit says both."""

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
    """What it was sent to (`Attempt.replica`)."""
    idempotency: tuple[str, bytes] | None = None
    """Scope-and-key, and the digest of the body it is bound to."""


class Finished(NamedTuple):
    """A job's end, with the updates that a late reader may still ask for."""

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
    """A job as the journal knows it. `finished` is None while it waits or runs."""

    accepted: Accepted
    state: State
    attempt: int
    started_at: float | None
    finished: Finished | None
    replica: str = ""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list: a user's, else those of a session of nobody in particular; `everybody`: a user's, else all.

    Of those: in one of `states` (empty: any), of one `endpoint`, accepted at `since` or later (seconds since the
    epoch), and before the job `before`.
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
    epoch: int
    """How many times this journal has been opened; grows with every start."""
    persistent: bool
    """Whether a later process can read what this one wrote."""
    commits: int
    """How often it wrote, and how many records."""
    records: int

    @property
    def used_bytes(self) -> int:
        """What its records take."""
        ...

    def accept(self, record: Accepted, done: Done) -> None: ...

    def start(self, job_id: str, attempt: int, at: float, replica: str, done: Done) -> None: ...

    def requeue(self, job_id: str, attempt: int, replica: str, done: Done) -> None:
        """A job that was running waits again, after so many attempts that began; `replica`: where it was sent and
        waits, "" nowhere."""
        ...

    def finish(self, record: Finished, done: Done) -> None: ...

    async def unfinished(self) -> list[Stored]:
        """Jobs without an outcome, in the order they were accepted."""
        ...

    async def read(self, job_id: str) -> Stored | None: ...

    async def listing(self, wanted: JobFilter) -> list[Stored]:
        """Newest first."""
        ...

    async def idempotent(self, key: str) -> tuple[str, bytes] | None:
        """The job id and body digest that a scope-and-key was last used for, while its outcome is kept."""
        ...

    async def session_user(self, session: str) -> tuple[str | None] | None:
        """Whose the oldest kept job of a session is, that its caller named; None: there is no such job."""
        ...

    async def session_replica(self, session: str, before: str, endpoints: Collection[str]) -> str | None:
        """What the newest job of a session older than the job `before` was sent to, of these endpoints; None: there is
        none that is kept."""
        ...

    async def writable(self) -> bool:
        """Whether records can be written; tries, where the last one could not."""
        ...

    async def purge(self, now: float, max_bytes: int) -> int:
        """Forget outcomes past their `expires_at`, then the oldest ones above `max_bytes`; how many went."""
        ...

    async def close(self) -> None:
        """Write what is pending and let go. Afterwards another process may open it."""
        ...
