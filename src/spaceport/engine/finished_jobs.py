"""Caches finished jobs in memory, because most outcomes are read right after the end."""

from __future__ import annotations

from collections import OrderedDict

from spaceport.engine.jobs import Job

_JOB_BYTES = 1500
"""The bytes of an empty job and its log, measured with tracemalloc."""


class FinishedJobs:
    """The newest finished jobs, up to `max_bytes`; the journal has all of them."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._jobs: OrderedDict[str, tuple[Job, int]] = OrderedDict()
        self._bytes = 0

    def add(self, job: Job) -> None:
        size = _JOB_BYTES + job.log.weight
        if job.outcome is not None and job.outcome.data is not None:
            size += len(job.outcome.data)
        self._jobs[job.id] = (job, size)
        self._bytes += size
        while self._bytes > self.max_bytes and self._jobs:
            _, (_, freed) = self._jobs.popitem(last=False)
            self._bytes -= freed

    def get(self, job_id: str) -> Job | None:
        found = self._jobs.get(job_id)
        return None if found is None else found[0]
