"""A limit group: how many attempts run at once, who waits, and how long a run takes."""

from __future__ import annotations

from spaceport.engine.executor import Attempt
from spaceport.engine.fair_queue import FairQueue
from spaceport.engine.jobs import Job


class RunTimes:
    """Measured run times of one endpoint or group, in seconds: a mean that follows the newest 20 or so."""

    __slots__ = ("count", "mean_s")

    def __init__(self) -> None:
        self.count = 0
        self.mean_s: float | None = None

    def add(self, seconds: float) -> None:
        self.count += 1
        weight = 1 / min(self.count, 20)
        self.mean_s = seconds if self.mean_s is None else self.mean_s + weight * (seconds - self.mean_s)


class Group:
    """`limit` attempts at once (None: any number). `watched` are waiting jobs that somebody looks at."""

    def __init__(self, name: str, limit: int | None) -> None:
        self.name = name
        self.limit = limit
        self.running = 0
        self.joining = 0
        """Jobs on their way into the line: the journal has not taken them yet."""
        self.line = FairQueue()
        self.times = RunTimes()
        self.paces = RunTimes()
        """Between the starts of two jobs, the later of which had waited (`Policy.prefetch`)."""
        self.begun_at: float | None = None
        self.prefetched: dict[str, Attempt] = {}
        """By job: attempts that wait where they were sent."""
        self.watched: dict[str, Job] = {}
        self.announced_at = 0.0
        self.announcing = False

    @property
    def has_room(self) -> bool:
        return self.limit is None or self.running < self.limit

    @property
    def before(self) -> int:
        """Jobs that start before all that wait here: those that were sent ahead, and those they wait for."""
        return sum(attempt.rank + 1 for attempt in self.prefetched.values())

    def eta_s(self, rank: int) -> float | None:
        """Seconds until a job of this rank has its result; None until a run was measured."""
        if self.times.mean_s is None:
            return None
        if self.paces.mean_s is not None:
            return self.times.mean_s + self.paces.mean_s * rank
        return self.times.mean_s * (1 if self.limit is None else rank // self.limit + 1)
