"""The queue of one limit group: fair between callers, by priority, and without starvation.

Every waiting job has a turn. A caller's first job gets the current turn, if no job of that caller has started in it,
else the next one; each further job gets the turn after the caller's last. So a caller with one job does not wait for
the thousand queued jobs of another. Only one job may join the current turn, so that turns end. A priority class is
worth `CLASS_TURNS`: a job of the next class gets a turn that is that much later, and starts before new jobs of the
better class once as many turns have passed. (Start-time fair queueing: Goyal, Vin and Cheng, 1996, for jobs of equal
cost.)

A job's place is fixed when it joins, so its rank is its position in a sorted list: everything on the hot path costs
O(log n), and 100,000 waiting jobs cost little more than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from sortedcontainers import SortedList

from spaceport.engine.jobs import Job

CLASS_TURNS = 8
_MAX_STARTED_CALLERS = 256
"""How many callers that started a job in the current turn are remembered."""


class FairQueue:
    """The waiting jobs of one group. A smaller `priority` number is better."""

    def __init__(self) -> None:
        self._order = SortedList()
        """The tickets of the waiting jobs: turn, with the priority's turns added, and a number that grows."""
        self._jobs: dict[tuple[int, int], Job] = {}
        self._callers: dict[str, list[int]] = {}
        """By caller with waiting jobs: the turn of the last one, and their number."""
        self._turn = 0
        """The current turn: that of the job that started last."""
        self._started_callers: set[str] = set()
        """Callers that started a job in the current turn."""
        self._turn_joined = False
        """Whether a job has joined the current turn."""
        self._tickets = 0

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, job: Job) -> None:
        self._ticket(job)
        self._order.add(job.ticket)

    def add_all(self, jobs: Iterable[Job]) -> None:
        """Add many jobs at once, faster than one by one and in the same order."""
        jobs = list(jobs)
        for job in jobs:
            self._ticket(job)
        self._order.update(job.ticket for job in jobs)

    def _ticket(self, job: Job) -> None:
        last = self._callers.get(job.caller)
        turn = max(self._turn, last[0] if last else 0) + 1
        if last is None and not self._turn_joined and job.caller not in self._started_callers:
            self._turn_joined = True
            turn = self._turn
        self._tickets += 1
        job.ticket = (turn + CLASS_TURNS * job.priority, self._tickets)
        self._join(job, turn)

    def put_back(self, job: Job) -> None:
        """Return a job that was taken to its former place, before all other jobs of its class."""
        self._order.add(job.ticket)
        self._join(job, _turn(job))

    def _join(self, job: Job, turn: int) -> None:
        self._jobs[job.ticket] = job
        last = self._callers.setdefault(job.caller, [turn, 0])
        last[0] = max(last[0], turn)
        last[1] += 1

    def remove(self, job: Job) -> None:
        """Remove a job that will not start. Raises `KeyError` if it is not in the queue."""
        del self._jobs[job.ticket]
        self._order.remove(job.ticket)
        last = self._callers[job.caller]
        last[1] -= 1
        if not last[1]:
            del self._callers[job.caller]

    def take(self, job: Job) -> None:
        """Remove a job that starts now. Raises `KeyError` if it is not in the queue."""
        self.remove(job)
        if (turn := _turn(job)) > self._turn:
            self._turn, self._turn_joined = turn, False
            self._started_callers.clear()
        self.record_start(job)

    def record_start(self, job: Job) -> None:
        """Note that a job starts. One that never queued gets a ticket, so that it can be put back."""
        if not job.ticket[1]:
            self._tickets += 1
            job.ticket = (self._turn + CLASS_TURNS * job.priority, self._tickets)
        if len(self._started_callers) >= _MAX_STARTED_CALLERS:
            self._started_callers.clear()
        self._started_callers.add(job.caller)

    def pop(self) -> Job | None:
        """Take the next job; None if the queue is empty."""
        first = next(self.first(1), None)
        if first is None:
            return None
        self.take(first)
        return first

    def first(self, count: int) -> Iterator[Job]:
        """The next jobs in their order, at most `count`. Do not change the queue while iterating further."""
        return (self._jobs[ticket] for ticket in islice(self._order, count))

    def rank(self, job: Job) -> int:
        """How many waiting jobs start before this one."""
        return int(self._order.bisect_left(job.ticket))


def _turn(job: Job) -> int:
    return job.ticket[0] - CLASS_TURNS * job.priority
