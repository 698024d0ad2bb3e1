"""Who is next in one limit group: fair between callers, better for those of a better priority, and nobody starves.

Every waiting job has a turn. A caller's first one is in the turn that is on, if nothing of that caller went in it yet,
else in the next; each further one is a turn later: another one's first job waits for none of a caller's thousand but
what runs. So that turns end, only one job may join the one that is on. A class of priority is worth `CLASS_TURNS`:
a job of the next class is so many turns later, and goes before new ones of the better class when so many turns have
passed. (Start-time fair queueing: Goyal, Vin and Cheng, 1996, for jobs that count alike.)

A job's place among the others is fixed when it joins, so its rank is its position in a sorted list: all that the hot
path needs costs O(log n), and 100,000 waiting jobs little more than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from sortedcontainers import SortedList

from spaceport.engine.jobs import Job

CLASS_TURNS = 8
_WENT = 256
"""Callers that are remembered to have gone in this turn."""


class FairQueue:
    """The waiting jobs of one group. A smaller `priority` number is better."""

    def __init__(self) -> None:
        self._order = SortedList()
        """Tickets."""
        self._jobs: dict[tuple[int, int], Job] = {}
        self._callers: dict[str, list[int]] = {}
        """By caller with waiting jobs: the turn of its last one, and how many there are."""
        self._turn = 0
        """Of the job that was taken last."""
        self._went: set[str] = set()
        """Callers of whom a job went in this turn."""
        self._joined = False
        """Whether one has joined the turn that is on."""
        self._tickets = 0

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, job: Job) -> None:
        self._ticket(job)
        self._order.add(job.ticket)

    def add_all(self, jobs: Iterable[Job]) -> None:
        """As one after the other, in less time."""
        jobs = list(jobs)
        for job in jobs:
            self._ticket(job)
        self._order.update(job.ticket for job in jobs)

    def _ticket(self, job: Job) -> None:
        last = self._callers.get(job.caller)
        turn = max(self._turn, last[0] if last else 0) + 1
        if last is None and not self._joined and job.caller not in self._went:
            self._joined = True
            turn = self._turn
        self._tickets += 1
        job.ticket = (turn + CLASS_TURNS * job.priority, self._tickets)
        self._join(job, turn)

    def put_back(self, job: Job) -> None:
        """A job that had been taken has its old place, which is before all others of its class."""
        self._order.add(job.ticket)
        self._join(job, _turn(job))

    def _join(self, job: Job, turn: int) -> None:
        self._jobs[job.ticket] = job
        last = self._callers.setdefault(job.caller, [turn, 0])
        last[0] = max(last[0], turn)
        last[1] += 1

    def remove(self, job: Job) -> None:
        """A job that waits no more. Raises `KeyError` if it does not wait here."""
        del self._jobs[job.ticket]
        self._order.remove(job.ticket)
        last = self._callers[job.caller]
        last[1] -= 1
        if not last[1]:
            del self._callers[job.caller]

    def take(self, job: Job) -> None:
        """A job that starts now. Raises `KeyError` if it does not wait here."""
        self.remove(job)
        if (turn := _turn(job)) > self._turn:
            self._turn, self._joined = turn, False
            self._went.clear()
        self.record_start(job)

    def record_start(self, job: Job) -> None:
        """A job starts, from the line or past it; then it gets a ticket too, with which it may be put back."""
        if not job.ticket[1]:
            self._tickets += 1
            job.ticket = (self._turn + CLASS_TURNS * job.priority, self._tickets)
        if len(self._went) >= _WENT:
            self._went.clear()
        self._went.add(job.caller)

    def pop(self) -> Job | None:
        """Take the next job, if there is one."""
        first = next(self.first(1), None)
        if first is None:
            return None
        self.take(first)
        return first

    def first(self, count: int) -> Iterator[Job]:
        """The next jobs, at most `count`, in their order; over as soon as one is taken out."""
        return (self._jobs[ticket] for ticket in islice(self._order, count))

    def rank(self, job: Job) -> int:
        """How many waiting jobs start before this one."""
        return int(self._order.bisect_left(job.ticket))


def _turn(job: Job) -> int:
    return job.ticket[0] - CLASS_TURNS * job.priority
