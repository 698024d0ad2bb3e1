"""The door of the queue: what a new call brings, and how many may wait and run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spaceport.engine.jobs import Job, OnDisconnect
from spaceport.errors import QueueFull

if TYPE_CHECKING:
    from spaceport.engine.executor import CachedResult

_RETRY_AFTER_S = 5


@dataclass(frozen=True)  # no slots: settings read the defaults from the class
class Bounds:
    """Limits of one engine; bytes unless the name says otherwise. Every one is a setting (docs/settings.md)."""

    waiting: int = 200_000
    """Jobs waiting in all groups together."""
    waiting_per_caller: int = 100_000
    """Jobs waiting per user, else per session, else per address."""
    running_per_caller: int | None = None
    """Jobs of one caller that run at once; the rest of them wait while others go on. None: any number."""
    updates_bytes: int = 1 << 20
    """Retained updates of one job."""
    outcome_ttl_s: float = 86_400.0
    """How long an outcome can be read again, in seconds."""
    outcomes_bytes: int = 1 << 30
    """Retained outcomes together."""
    recent_bytes: int = 2 << 20
    """Finished jobs kept in memory in front of the journal."""
    retry_delay_s: float = 1.0
    """Before a job's first retry, in seconds; doubled with each further one, up to a minute."""


@dataclass(slots=True)
class JobRequest:
    """What `submit` takes. `payload` is `call` encoded for the journal; None: the journal must not hold it."""

    endpoint: str
    call: object
    payload: bytes | None
    user: str | None = None
    session: str | None = None
    own_session: bool = False
    priority: int = 0
    retries: int | None = None
    on_disconnect: OnDisconnect = OnDisconnect.KEEP
    idempotency: tuple[str, bytes] | None = None
    address: str | None = None
    """Where it comes from."""
    answer: CachedResult | None = None
    """Its result, where that is known: the job waits for nothing and ends as soon as it is accepted."""
    request_id: str = ""
    id: str | None = None
    """From `new_id`, if somebody has to know it before it is accepted."""

    @property
    def caller(self) -> str:
        """Who it counts for: its user, else the session its caller named, else where it comes from."""
        return self.user or (self.session if self.own_session else None) or self.address or ""


class CallerCounter:
    """How many jobs there are, all and by caller."""

    def __init__(self) -> None:
        self.count = 0
        self._by_caller: dict[str, int] = {}

    def of(self, caller: str) -> int:
        return self._by_caller.get(caller, 0)

    def add(self, job: Job) -> None:
        self.count += 1
        self._by_caller[job.caller] = self._by_caller.get(job.caller, 0) + 1

    def remove(self, job: Job) -> None:
        self.count -= 1
        self._by_caller[job.caller] -= 1
        if self._by_caller[job.caller] == 0:
            del self._by_caller[job.caller]


def check_capacity(waiting: CallerCounter, bounds: Bounds, caller: str) -> None:
    """Raise `QueueFull` if one more of a caller's jobs may not wait."""
    if waiting.count >= bounds.waiting:
        raise QueueFull(f"Queue is full. Max size is {bounds.waiting} and size is {waiting.count}.", _RETRY_AFTER_S)
    if caller and waiting.of(caller) >= bounds.waiting_per_caller:
        limit = bounds.waiting_per_caller
        raise QueueFull(f"You have {limit} calls waiting, as many as one caller may.", _RETRY_AFTER_S)
