"""Limits of one engine, and the counters that they are compared with."""

from __future__ import annotations

from dataclasses import dataclass

from spaceport.engine.jobs import Job


@dataclass(frozen=True)  # no slots: settings read the defaults from the class
class Bounds:
    """Limits of one engine; bytes unless the name says otherwise. Every one is a setting (docs/settings.md)."""

    waiting: int = 200_000
    """Jobs waiting in all groups together."""
    waiting_per_caller: int = 100_000
    """Jobs waiting per user, else per session, else per address."""
    running_per_caller: int | None = None
    """Jobs of one caller that run at once; its other jobs wait while those of others go on. None: no limit."""
    updates_bytes: int = 1 << 20
    """Retained updates of one job."""
    outcome_ttl_s: float = 86_400.0
    """How long an outcome can be read again, in seconds."""
    outcomes_bytes: int = 1 << 30
    """Retained outcomes together."""
    recent_bytes: int = 2 << 20
    """Finished jobs kept in memory in front of the journal."""
    retry_delay_s: float = 1.0
    """Delay before a job's first retry, in seconds; doubled with each further one, up to a minute."""


class CallerCounter:
    """Counts jobs, in total and by caller."""

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
