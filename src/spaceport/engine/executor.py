"""The seam to whatever runs a job: Python functions in a Space, another server in a hub."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from spaceport.engine.jobs import Failure, Job
from spaceport.engine.updates import LogLine


@dataclass(frozen=True, slots=True)
class Result:
    """A job's encoded result. `changed` are ids of state components that got a new value."""

    data: bytes
    changed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CachedResult:
    """A result that is known without running: the values of each step before it, and roughly its bytes."""

    steps: tuple[list[Any], ...]
    data: bytes
    size: int = 0


@dataclass(frozen=True, slots=True)
class Retryable:
    """An attempt that came to nothing: what ran it failed, is gone, or never took it.

    A job that had not begun goes back to the head of its line; one that had, after a while and only while its retries
    last, and else ends with `failure`.
    """

    failure: Failure
    begun: bool


@dataclass(frozen=True, slots=True)
class Assigned:
    """Send the job to this replica."""

    id: str


@dataclass(frozen=True, slots=True)
class Pending:
    """Send the job: it goes to a replica that is still starting."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Keep the job queued: every replica that may run it has enough prefetched jobs."""


Placement = Assigned | Pending | Wait


class Flag:
    """Set once, read from any thread: `threading.Event` without the waiting, which nobody does and every call paid."""

    __slots__ = ("_set",)

    def __init__(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True


class Sink(Protocol):
    """Where an attempt's facts go. Loop thread only; ignored once the job has ended."""

    def output(self, job: Job, values: list[Any]) -> None: ...

    def edits(self, job: Job, edits: Sequence[Sequence[Any]]) -> None:
        """An output as the edits that make it of the one before, for each position (wire.diff)."""
        ...

    async def sending(self, attempt: Attempt) -> bool:
        """With `Policy.prefetch`, before the job leaves: returns once the journal counts it as running.

        False: it has ended meanwhile, or that cannot be written now.
        """
        ...

    def waits(self, attempt: Attempt, rank: int, eta_s: float | None) -> None:
        """With `Policy.prefetch`: the job waits elsewhere, behind `rank` others; it has not begun for certain."""
        ...

    def begun(self, attempt: Attempt) -> None:
        """With `Policy.prefetch`: it runs."""
        ...

    def progress(self, job: Job, units: tuple[dict[str, Any], ...]) -> None: ...
    def log(self, job: Job, line: LogLine) -> None: ...


@dataclass(slots=True, eq=False)
class Attempt:
    """One run of one job, or of a batch of jobs of one endpoint."""

    endpoint: str
    jobs: list[Job]
    sink: Sink
    started_at: float
    cancelled: Flag = field(default_factory=Flag)
    """Set when nobody wants the result any more; safe to read from any thread."""
    on_cancel: Callable[[], object] | None = None
    """Set by the executor while it can be interrupted; called once, in the loop thread."""
    sent: bool = False
    """With `Policy.prefetch`: the journal counts it as running."""
    begun: bool = True
    """With `Policy.prefetch`, False until it runs."""
    rank: int = 0
    """With `Policy.prefetch`: how many are before it where it waits."""
    replica: str = ""
    """With `Policy.prefetch`: what it was sent to, as the executor names it; "": that is not up yet."""

    def cancel(self) -> None:
        if not self.cancelled.is_set():
            self.cancelled.set()
            if self.on_cancel is not None:
                self.on_cancel()


class Executor(Protocol):
    async def run(self, attempt: Attempt) -> Sequence[Result | Failure | Retryable]:
        """Run the attempt; one result or failure for each of its jobs, in order.

        Returns only when the work has truly ended, because that frees its slot: after `attempt.cancel()` an async
        function ends at once, a generator at its next step, a plain function when it returns. Never raises for what
        a user's function did. What it returns for a job that has already ended is ignored.
        """
        ...

    def choose_replica(self, job: Job, prefetched: Collection[Attempt]) -> Placement:
        """With `Policy.prefetch`: the replica that the job is sent to now, while the attempts `prefetched` have not
        begun.

        With an `Assigned` replica the journal can hold the job's acceptance and its start in one record.
        """
        ...

    def survived(self, job: Job) -> bool:
        """Whether what ran this job for an earlier process (`job.replica`) runs it still, so that `run` can go on with
        the attempt: `choose_replica` gives it the same again."""
        ...

    def restore(self, endpoint: str, payload: bytes, *, waited: bool) -> object | Failure:
        """The call of a job found in the journal at start, or why it cannot run any more.

        `waited`: it had not started (its session's state is gone now, which matters to calls that use it).
        """
        ...
