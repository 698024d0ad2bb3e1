"""Retries: how long a job rests before its next attempt, and the failure of a job that has none left."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from spaceport.engine.jobs import Job
from spaceport.engine.outcome import Failure
from spaceport.errors import Interrupted, Poisoned

_MAX_DELAY_S = 60.0


def delay_s(attempt: int, base_s: float) -> float:
    """Seconds before the next attempt: doubled after each one, up to a minute, then shortened at random by up to half,
    so that jobs that failed together are not retried together."""
    longest = min(_MAX_DELAY_S, base_s * 2.0 ** min(attempt - 1, 30))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  no secret


def died(job: Job, text: str) -> Failure:
    """The failure of a job whose process died and that has no retries left. `text` is for a job that never had any."""
    if job.attempt <= 1:
        return Failure(Interrupted.code, text, shown=True)
    count = job.attempt
    return Failure(Poisoned.code, f"The process that ran the call died, at attempt {count} of {count}.", shown=True)


class RetryTimers:
    """Jobs that rest between two attempts. They count as waiting, but are in no queue."""

    def __init__(self, wake: Callable[[Job], None]) -> None:
        """`wake` is called with each job whose rest is over."""
        self._wake = wake
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._timers)

    def add(self, job: Job, seconds: float) -> None:
        self._timers[job.id] = asyncio.get_running_loop().call_later(seconds, self._fire, job)

    def remove(self, job: Job) -> bool:
        """Cancel a job's timer; whether it had one."""
        timer = self._timers.pop(job.id, None)
        if timer is not None:
            timer.cancel()
        return timer is not None

    def clear(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _fire(self, job: Job) -> None:
        del self._timers[job.id]
        self._wake(job)
