"""The attempts of a group that were sent to replicas and have not begun there, and how many more may be sent.

A replica that gets its next job only after it has told that the last one began waits for a round trip each time. One
that gets all jobs at once becomes a pile, in which a job of a better class waits. So each replica has a window: as many
jobs as it starts in `HORIZON_S`, which is measured.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator

from spaceport.engine.attempt import Attempt
from spaceport.engine.jobs import Job

HORIZON_S = 0.05
"""The jobs of a window start within about this time. A replica that starts fewer jobs has a window of one."""
MAX_WINDOW = 64
_STARTS = 8
"""The mean gap between two starts is that of so many."""
_RUNS = 8
"""The mean run time follows about the newest so many."""
_MAX_WINDOWS = 64


class Window:
    """How many jobs that have not begun may lie at one replica.

    It doubles with each start, as the congestion window of TCP does in its slow start, up to what the mean gap between
    starts allows. While a replica has free slots, each job starts at once, and such gaps say nothing about the time
    when all slots are taken. Then one job starts for each that ends, so the window is also bounded by what ends within
    the horizon: the running jobs divided by their mean run time (Little's law). Until one has ended, it is one.
    While nothing has started for `HORIZON_S` although a job lies there, no more are sent.
    """

    __slots__ = ("_busy_s", "_run_s", "_since", "_starts", "count", "running", "size")

    def __init__(self) -> None:
        self.count = 0
        """Jobs that lie there."""
        self.size = 1
        self._busy_s = 0.0
        """How long jobs have lain there so far."""
        self._starts = deque([0.0], _STARTS + 1)
        """`_busy_s` at the newest starts."""
        self._since = 0.0
        """When the last job began there, or the first one of those that lie there was sent."""
        self.running = 0
        """Jobs that have begun there and have not ended."""
        self._run_s: float | None = None
        """The mean run time; None until one has ended."""

    def sent(self, now: float) -> None:
        if not self.count:
            self._since = now
        self.count += 1

    def left(self) -> None:
        """A job has been taken back, or has begun."""
        self.count -= 1

    def begun(self, now: float) -> None:
        self._busy_s += now - self._since
        self._since = now
        self._starts.append(self._busy_s)
        self.running += 1
        if self._run_s is not None:
            gap_s = (self._busy_s - self._starts[0]) / (len(self._starts) - 1)
            gap_s = max(gap_s, self._run_s / self.running, 1e-9)
            self.size = max(1, min(2 * self.size, MAX_WINDOW, int(HORIZON_S / gap_s)))

    def ended(self, run_s: float) -> None:
        """One that had begun has ended after `run_s`."""
        self.running -= 1
        self._run_s = run_s if self._run_s is None else self._run_s + (run_s - self._run_s) / _RUNS

    def has_room(self, now: float, least: int) -> bool:
        """`least`: how many jobs may lie there in any case."""
        stalled = self.count > 0 and now - self._since > HORIZON_S
        return self.count < max(1 if stalled else self.size, least)


class Prefetched(Collection[Attempt[Job]]):
    """Sent attempts by job id, and the windows of the replicas they were sent to. Loop thread only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._attempts: dict[str, Attempt[Job]] = {}
        self._windows: dict[str, Window] = {}
        """By replica; that of "" counts the attempts whose replica is still starting."""

    def __len__(self) -> int:
        return len(self._attempts)

    def __iter__(self) -> Iterator[Attempt[Job]]:
        return iter(self._attempts.values())

    def __contains__(self, attempt: object) -> bool:
        return attempt in self._attempts.values()

    def get(self, job_id: str) -> Attempt[Job] | None:
        return self._attempts.get(job_id)

    def add(self, attempt: Attempt[Job]) -> None:
        now = self._clock()
        window = self._window(attempt.replica)
        for job in attempt.jobs:
            self._attempts[job.id] = attempt
            window.sent(now)

    def move(self, attempt: Attempt[Job], replica: str) -> None:
        """The attempt is sent to another replica than was chosen for it."""
        was = attempt.replica
        attempt.replica = replica
        if replica != was:
            now = self._clock()
            for job in attempt.jobs:
                if job.id in self._attempts:
                    self._window(was).left()
                    self._window(replica).sent(now)

    def begun(self, attempt: Attempt[Job]) -> None:
        """The attempt has begun at its replica."""
        if self.discard(attempt):
            self._window(attempt.replica).begun(self._clock())

    def ended(self, attempt: Attempt[Job], run_s: float) -> None:
        """The attempt, which had begun, has ended after `run_s`."""
        window = self._windows.get(attempt.replica)
        if window is not None:
            window.ended(run_s)

    def discard(self, attempt: Attempt[Job]) -> bool:
        """The attempt is over. Returns whether it had not begun."""
        found = False
        for job in attempt.jobs:
            if self._attempts.pop(job.id, None) is not None:
                self._window(attempt.replica).left()
                found = True
        return found

    def count(self, replica: str) -> int:
        """How many jobs lie at a replica."""
        window = self._windows.get(replica)
        return 0 if window is None else window.count

    def has_room(self, replica: str, least: int = 1) -> bool:
        """Whether one more job may be sent to a replica. `least`: how many may lie there in any case."""
        pending = self._windows.get("")
        if pending is not None and replica and pending.count >= least:
            return False  # jobs that wait for a replica to start may go to any
        return self._window(replica).has_room(self._clock(), least)

    @property
    def jobs_before_queue(self) -> int:
        """Jobs that start before all queued ones: those that lie at replicas, and what these wait for there."""
        before: dict[str, int] = {}
        for attempt in self._attempts.values():
            before[attempt.replica] = max(before.get(attempt.replica, 0), attempt.rank + 1)
        return sum(max(rank, self.count(replica)) for replica, rank in before.items())

    def _window(self, replica: str) -> Window:
        window = self._windows.get(replica)
        if window is None:
            if len(self._windows) >= _MAX_WINDOWS:  # most replicas are gone
                self._windows = {name: one for name, one in self._windows.items() if one.count or one.running}
            window = self._windows[replica] = Window()
        return window
