"""The seam to whoever counts: what happens to jobs, told as it happens. This one counts nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from spaceport.engine.jobs import Job
from spaceport.engine.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that is read when somebody asks. `counter`: it only grows."""

    name: str
    text: str
    value: Callable[[], float]
    counter: bool = False


class JobObserver:
    """Called in the loop thread; must not block or raise."""

    def accepted(self, job: Job) -> None:
        """The journal has it."""

    def started(self, job: Job) -> None:
        """An attempt begins."""

    def retried(self, job: Job) -> None:
        """An attempt came to nothing, and there will be another."""

    def ended(self, job: Job, outcome: Outcome) -> None:
        """The journal has its outcome."""
