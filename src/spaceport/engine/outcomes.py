"""Ends jobs and finds them again: decides each outcome once, journals it and tells it."""

from __future__ import annotations

import logging

from spaceport.engine.expiry import Expiry
from spaceport.engine.finished_jobs import FinishedJobs
from spaceport.engine.jobs import Job
from spaceport.engine.journal import Finished, JobFilter
from spaceport.engine.outcome import Failure, Outcome, State
from spaceport.engine.recovery import job_from
from spaceport.engine.registry import Registry
from spaceport.engine.results import CachedResult
from spaceport.engine.updates import Ended, LogLine, Output, Watcher

logger = logging.getLogger("spaceport.engine")


class Outcomes:
    def __init__(self, registry: Registry, expiry: Expiry) -> None:
        self._registry = registry
        self._expiry = expiry
        self._jobs = registry.jobs
        self._recent = FinishedJobs(registry.bounds.recent_bytes)

    # Ending

    def finish(self, job: Job, outcome: Outcome) -> None:
        """Decide a job's outcome, once: the first one counts. Watchers are told when the journal has it."""
        if job.ending or job.state.final:
            return
        job.ending = True
        now = self._registry.clock()
        log = job.log
        keep = log.values is not None
        for update in log.entries:
            keep = keep or isinstance(update, LogLine)
        record = Finished(
            job.id,
            outcome,
            now,
            self._expiry.expires_at(now),
            job.attempt,
            job.started_at,
            log.seq + 1,
            [(s, u) for s, u in log.since(0) if isinstance(u, (Output, LogLine))] if keep else (),
            log.base,
            log.folded,
        )

        def done(error: Exception | None) -> None:
            if error is not None:
                logger.error("the outcome of job %s could not be journalled before the end: %s", job.id, error)
                return
            job.outcome = outcome
            job.finished_at = record.finished_at
            job.expires_at = record.expires_at
            if job.running is None:
                self._registry.release_call(job)
            job.running = None  # and its call is released when the attempt has ended
            job.move(outcome.state)
            self._jobs.pop(job.id, None)
            self._recent.add(job)
            log.add(Ended(outcome))
            self._registry.observer.ended(job, outcome)

        self._registry.journal.finish(record, done)

    def fail(self, job: Job, failure: Failure, duration_s: float = 0.0) -> None:
        self.finish(job, Outcome(State.FAILED, None, failure, duration_s))

    def finish_cached(self, job: Job, result: CachedResult, average_s: float | None) -> None:
        """End an accepted job whose result is cached. A job that a restart interrupts before that runs instead."""
        job.move(State.RUNNING)
        for values in result.steps:
            job.log.add_output(values, 0.0, bound=self._registry.bounds.updates_bytes)
        streamed = bool(result.steps)
        self.finish(job, Outcome(State.SUCCEEDED, result.data, None, 0.0, average_s, (), streamed, cached=True))

    # Finding

    def peek(self, job_id: str) -> Job | None:
        """A job that is in memory."""
        return self._jobs.get(job_id) or self._recent.get(job_id)

    async def find(self, job_id: str) -> Job | None:
        """A job by id, from memory or from the journal; None when there is none or its outcome has expired."""
        job = self.peek(job_id)
        if job is not None:
            return None if self._expiry.has_expired(job.expires_at) else job
        stored = await self._registry.journal.read(job_id)
        if stored is None or (stored.finished is not None and self._expiry.has_expired(stored.finished.expires_at)):
            return self._jobs.get(job_id)
        return self._jobs.get(job_id) or job_from(stored)

    async def listing(self, wanted: JobFilter) -> list[Job]:
        """Newest first. Large results may be left out: a succeeded outcome's `data` is None then."""
        stored = await self._registry.journal.listing(wanted)
        return [self.peek(one.accepted.id) or job_from(one) for one in stored]

    async def ended(self, job: Job) -> None:
        """Wait until a job's outcome can be read."""
        watcher = Watcher()
        watcher.ends_only = True
        stop = job.log.watch(watcher)
        try:
            while not job.state.final:
                await watcher.wait()
        finally:
            stop()
