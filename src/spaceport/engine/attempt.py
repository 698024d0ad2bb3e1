"""One run of a job, or of a batch of jobs, and the sink that receives what it reports.

Both are generic in the job's type: a job refers to its attempt, so this module cannot import the job's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from spaceport.engine.updates import LogLine
from spaceport.wire.diff import Edit

JobT = TypeVar("JobT")


class Flag:
    """Set once, read from any thread: `threading.Event` without its lock, which no reader needs and each call paid."""

    __slots__ = ("_set",)

    def __init__(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True


class Sink(Protocol[JobT]):
    """Receives what an attempt reports. Loop thread only; reports about a job that has ended are ignored."""

    def output(self, job: JobT, values: list[Any]) -> None: ...

    def edits(self, job: JobT, edits: Sequence[tuple[Edit, ...]]) -> None:
        """An output, given for each position as the edits that turn the previous one into it (wire.diff)."""
        ...

    async def sending(self, attempt: Attempt[JobT]) -> bool:
        """With `Policy.prefetch`, before the job is sent: return once the journal counts it as running.

        False: the job has ended meanwhile, or the journal cannot be written now; do not send it.
        """
        ...

    def reassigned(self, attempt: Attempt[JobT], replica: str) -> None:
        """With `Policy.prefetch`: the attempt goes to another replica than was chosen for it."""
        ...

    def waits(self, attempt: Attempt[JobT], rank: int, eta_s: float | None) -> None:
        """With `Policy.prefetch`: the job waits in the replica's queue behind `rank` others and has not begun."""
        ...

    def begun(self, attempt: Attempt[JobT]) -> None:
        """With `Policy.prefetch`: the replica has started the job."""
        ...

    def progress(self, job: JobT, units: tuple[dict[str, Any], ...]) -> None: ...
    def log(self, job: JobT, line: LogLine) -> None: ...


@dataclass(slots=True, eq=False)
class Attempt(Generic[JobT]):
    """One run of one job, or of a batch of jobs of one endpoint."""

    endpoint: str
    jobs: list[JobT]
    sink: Sink[JobT]
    started_at: float
    """Seconds since the epoch."""
    cancelled: Flag = field(default_factory=Flag)
    """Set when the result is no longer wanted; safe to read from any thread."""
    on_cancel: Callable[[], object] | None = None
    """Set by the executor while it can be interrupted; called once, in the loop thread."""
    sent: bool = True
    """Whether the journal counts its jobs as running. With `Policy.prefetch` False until `Sink.sending`."""
    begun: bool = True
    """With `Policy.prefetch` False until the replica starts it."""
    holds_slot: bool = True
    """Whether it counts against its group's limit; never with `Policy.prefetch`."""
    rank: int = 0
    """With `Policy.prefetch`: how many jobs are before it in the replica's queue."""
    replica: str = ""
    """With `Policy.prefetch`: the id of the replica it was sent to; "" while that is still starting."""
    begun_s: float = 0.0
    """The event loop's time when it began to run."""

    def cancel(self) -> None:
        if not self.cancelled.is_set():
            self.cancelled.set()
            if self.on_cancel is not None:
                self.on_cancel()
