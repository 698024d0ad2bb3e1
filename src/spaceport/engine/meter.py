"""The seam to whoever counts: what happens to jobs, told as it happens. This one counts nothing."""

from __future__ import annotations

from spaceport.engine.jobs import Job, Outcome


class Meter:
    """Called in the loop thread; must not block or raise. Times in seconds."""

    def accepted(self, job: Job) -> None:
        """The journal has it."""

    def refused(self, endpoint: str, code: str) -> None:
        """A call was not accepted, by the code of the error that says so."""

    def started(self, job: Job, waited_s: float) -> None:
        """An attempt begins."""

    def retried(self, job: Job) -> None:
        """An attempt came to nothing, and there will be another."""

    def ended(self, job: Job, outcome: Outcome) -> None:
        """The journal has its outcome."""
