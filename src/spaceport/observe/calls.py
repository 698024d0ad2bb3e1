"""`JobObservers`, which combines observers, and `CallLog`, which logs each call that ends."""

from __future__ import annotations

import logging

from spaceport.engine import Job, JobObserver, Outcome

logger = logging.getLogger("spaceport.calls")


class JobObservers(JobObserver):
    """Passes all that it is told on to each of `observers`."""

    def __init__(self, *observers: JobObserver) -> None:
        self._accepted = [one.accepted for one in observers if type(one).accepted is not JobObserver.accepted]
        self._started = [one.started for one in observers if type(one).started is not JobObserver.started]
        self._retried = [one.retried for one in observers if type(one).retried is not JobObserver.retried]
        self._ended = [one.ended for one in observers if type(one).ended is not JobObserver.ended]

    def accepted(self, job: Job) -> None:
        for tell in self._accepted:
            tell(job)

    def started(self, job: Job) -> None:
        for tell in self._started:
            tell(job)

    def retried(self, job: Job) -> None:
        for tell in self._retried:
            tell(job)

    def ended(self, job: Job, outcome: Outcome) -> None:
        for tell in self._ended:
            tell(job, outcome)


class CallLog(JobObserver):
    """Logs a line for each call that ends, at level INFO, with its times in seconds."""

    def __init__(self, space: str = "") -> None:
        self._space = space

    def ended(self, job: Job, outcome: Outcome) -> None:
        if not logger.isEnabledFor(logging.INFO):
            return
        waited = (job.started_at or job.finished_at or job.accepted_at) - job.accepted_at
        facts = {
            "job": job.id,
            "endpoint": job.endpoint,
            "outcome": outcome.state.value if outcome.failure is None else outcome.failure.code,
            "attempt": job.attempt,
            "waited_s": round(waited, 6),
            "ran_s": round(outcome.duration_s, 6),
        }
        if self._space:
            facts["space"] = self._space
        if job.request_id:
            facts["request_id"] = job.request_id
        logger.info("call ended", extra={"facts": facts})
