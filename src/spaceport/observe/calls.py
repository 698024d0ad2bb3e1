"""Several meters as one, and the one that writes a line for each call that ends."""

from __future__ import annotations

import logging

from spaceport.engine import Job, Meter, Outcome

logger = logging.getLogger("spaceport.calls")


class Meters(Meter):
    """Tells each of `meters` what it is told."""

    def __init__(self, *meters: Meter) -> None:
        self._meters = meters

    def accepted(self, job: Job) -> None:
        for meter in self._meters:
            meter.accepted(job)

    def started(self, job: Job) -> None:
        for meter in self._meters:
            meter.started(job)

    def retried(self, job: Job) -> None:
        for meter in self._meters:
            meter.retried(job)

    def ended(self, job: Job, outcome: Outcome) -> None:
        for meter in self._meters:
            meter.ended(job, outcome)


class CallLog(Meter):
    """At level INFO: a line for each ended call, with its times in seconds."""

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
