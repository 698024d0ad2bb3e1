"""The seam to metrics, traces and webhooks: an observer is told what happens to jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from spaceport.engine.jobs import Job
from spaceport.engine.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Gauge:
    """A metric that is read on demand. `counter`: its value only grows."""

    name: str
    text: str
    value: Callable[[], float]
    counter: bool = False


class JobObserver:
    """Does nothing. Methods are called in the loop thread and must not block or raise."""

    def accepted(self, job: Job) -> None:
        """The journal has the job."""

    def started(self, job: Job) -> None:
        """An attempt of the job begins."""

    def retried(self, job: Job) -> None:
        """An attempt ended without a result, and there will be another."""

    def ended(self, job: Job, outcome: Outcome) -> None:
        """The journal has the job's outcome."""
