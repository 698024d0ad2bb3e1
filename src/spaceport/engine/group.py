"""A limit group: how many attempts run at once, which jobs wait, and how long a run takes."""

from __future__ import annotations

from spaceport.engine.fair_queue import FairQueue
from spaceport.engine.jobs import Job
from spaceport.engine.prefetched import Prefetched


class RunTimes:
    """A running mean of measured durations in seconds that follows about the newest 20."""

    __slots__ = ("count", "mean_s")

    def __init__(self) -> None:
        self.count = 0
        self.mean_s: float | None = None

    def add(self, seconds: float) -> None:
        self.count += 1
        weight = 1 / min(self.count, 20)
        self.mean_s = seconds if self.mean_s is None else self.mean_s + weight * (seconds - self.mean_s)


class Group:
    """Endpoints that share a limit of `limit` attempts at once (None: no limit), and one queue."""

    def __init__(self, name: str, limit: int | None) -> None:
        self.name = name
        self.limit = limit
        self.running = 0
        """Attempts that hold a slot."""
        self.joining = 0
        """Jobs whose acceptance is being journalled; they join the queue when that is done."""
        self.queue = FairQueue()
        self.run_times = RunTimes()
        self.start_intervals = RunTimes()
        """Mean seconds between consecutive starts of queued jobs; measured with `Policy.prefetch` only."""
        self.last_start_at: float | None = None
        self.prefetched = Prefetched()
        self.watched: dict[str, Job] = {}
        """Waiting jobs that have watchers, who learn of each change of rank."""
        self.announced_at = 0.0
        self.announcing = False

    @property
    def has_room(self) -> bool:
        return self.limit is None or self.running < self.limit

    def eta_s(self, rank: int) -> float | None:
        """Seconds until a job of this rank has its result; None until a run was measured."""
        if self.run_times.mean_s is None:
            return None
        if self.start_intervals.mean_s is not None:
            return self.run_times.mean_s + self.start_intervals.mean_s * rank
        return self.run_times.mean_s * (1 if self.limit is None else rank // self.limit + 1)
