"""Who is next in one limit group: priority classes, first come first served inside a class.

Everything the hot path needs is O(1) or O(log n): 100,000 waiting jobs cost no more per submit than none.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator
from itertools import chain, islice

from spaceport.engine.jobs import Job


class _Lane:
    """One priority class. Tickets grow; `gone` holds tickets that left from the middle, so that ranks stay exact."""

    __slots__ = ("gone", "head", "jobs", "tail")

    def __init__(self) -> None:
        self.jobs: OrderedDict[int, Job] = OrderedDict()  # a dict skips its dead entries one by one
        self.head = 0
        self.tail = 0
        self.gone: list[int] = []

    def add(self, job: Job) -> None:
        job.ticket = self.tail
        self.jobs[self.tail] = job
        self.tail += 1

    def put_back(self, job: Job) -> None:
        self.head -= 1
        job.ticket = self.head
        self.jobs[job.ticket] = job
        self.jobs.move_to_end(job.ticket, last=False)

    def pop(self) -> Job:
        ticket = next(iter(self.jobs))
        job = self.jobs.pop(ticket)
        self._advance()
        return job

    def remove(self, job: Job) -> None:
        del self.jobs[job.ticket]
        if job.ticket != self.head:
            insort(self.gone, job.ticket)
        self._advance()

    def rank(self, job: Job) -> int:
        return job.ticket - self.head - bisect_left(self.gone, job.ticket)

    def _advance(self) -> None:
        self.head = next(iter(self.jobs), self.tail)
        if self.gone and self.gone[0] < self.head:
            del self.gone[: bisect_left(self.gone, self.head)]


class Line:
    """The waiting jobs of one group. A smaller `priority` number goes first."""

    def __init__(self) -> None:
        self._lanes: dict[int, _Lane] = {}
        self._order: list[int] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, job: Job) -> None:
        self._lane(job.priority).add(job)
        self._size += 1

    def put_back(self, job: Job) -> None:
        """A job that had been popped goes before all others of its class."""
        self._lane(job.priority).put_back(job)
        self._size += 1

    def _lane(self, priority: int) -> _Lane:
        lane = self._lanes.get(priority)
        if lane is None:
            lane = self._lanes[priority] = _Lane()
            insort(self._order, priority)
        return lane

    def remove(self, job: Job) -> None:
        """Take a waiting job out. Raises `KeyError` if it does not wait here."""
        self._lanes[job.priority].remove(job)
        self._size -= 1

    def pop(self, same: str | None = None) -> Job | None:
        """The next job, or None. With `same`, only if the next job is of that endpoint (to fill a batch)."""
        for priority in self._order:
            lane = self._lanes[priority]
            if not lane.jobs:
                continue
            if same is not None and next(iter(lane.jobs.values())).endpoint != same:
                return None
            self._size -= 1
            return lane.pop()
        return None

    def first(self, count: int) -> Iterator[Job]:
        """The next jobs, at most `count`, in their order; over as soon as one is taken out."""
        waiting = chain.from_iterable(self._lanes[priority].jobs.values() for priority in self._order)
        return islice(waiting, count)

    def rank(self, job: Job) -> int:
        """How many waiting jobs start before this one."""
        before = sum(len(self._lanes[p].jobs) for p in self._order if p < job.priority)
        return before + self._lanes[job.priority].rank(job)
