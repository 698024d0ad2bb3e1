"""Running a call again: after how long, who waits for it, and when it is given up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from spaceport.engine.jobs import Failure, Job
from spaceport.errors import Interrupted, Poisoned

_MOST_S = 60.0


def delay_s(attempt: int, base_s: float) -> float:
    """Seconds before the next attempt: twice as long after each one, up to a minute, and up to a half less by chance,
    so that what failed together does not come again together."""
    longest = min(_MOST_S, base_s * 2.0 ** min(attempt - 1, 30))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  no secret


def died(job: Job, text: str) -> Failure:
    """Why a job ends whose process died, with no retries left. `text` is for one that had none."""
    if job.attempt <= 1:
        return Failure(Interrupted.code, text, shown=True)
    count = job.attempt
    return Failure(Poisoned.code, f"The process that ran the call died, at attempt {count} of {count}.", shown=True)


class RetryTimers:
    """Jobs between two attempts: they wait, but in no line."""

    def __init__(self, wake: Callable[[Job], None]) -> None:
        self._wake = wake
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._timers)

    def add(self, job: Job, seconds: float) -> None:
        self._timers[job.id] = asyncio.get_running_loop().call_later(seconds, self._up, job)

    def remove(self, job: Job) -> bool:
        """Whether it was here."""
        timer = self._timers.pop(job.id, None)
        if timer is not None:
            timer.cancel()
        return timer is not None

    def clear(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _up(self, job: Job) -> None:
        del self._timers[job.id]
        self._wake(job)
