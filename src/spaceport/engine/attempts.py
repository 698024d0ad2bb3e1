"""Runs attempts: gives them slots, times them, bounds them, and retries the jobs whose attempt came to nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from spaceport.engine import ranks
from spaceport.engine.attempt import Attempt
from spaceport.engine.executor import Assigned, Placement
from spaceport.engine.group import Group
from spaceport.engine.jobs import Job
from spaceport.engine.outcome import Failure, Outcome, State
from spaceport.engine.outcomes import Outcomes
from spaceport.engine.registry import Endpoint, Registry
from spaceport.engine.results import Result, Retryable
from spaceport.engine.retries import RetryTimers, delay_s
from spaceport.engine.sink import AttemptSink, log_error
from spaceport.errors import JobCancelled, JobTimedOut

logger = logging.getLogger("spaceport.engine")

_JOURNAL_RETRY_S = 1.0


class Attempts:
    """`slot_freed` is called with each group that has room again."""

    def __init__(self, registry: Registry, outcomes: Outcomes, slot_freed: Callable[[Group], None]) -> None:
        self._registry = registry
        self._outcomes = outcomes
        self._running = registry.running
        self._slot_freed = slot_freed
        self._sink = AttemptSink(registry, slot_freed)
        self._resting = RetryTimers(self._end_rest)
        self._count = 0
        self._idle = asyncio.Event()

    @property
    def count(self) -> int:
        return self._count

    # Starting

    def take(
        self, endpoint: Endpoint, jobs: list[Job], placement: Placement, *, accepting: bool = False
    ) -> Attempt[Job]:
        """Give jobs a slot. They count as running from here on, though nothing has started.

        `accepting`: the journal is about to accept the only job, and can record its start with that.
        """
        self._count += 1
        attempt = Attempt(endpoint.policy.endpoint, jobs, self._sink, self._registry.clock())
        if isinstance(placement, Assigned):
            attempt.replica = placement.id
        for job in jobs:
            self._running.add(job)
            job.attempt += 1
            job.running = attempt
            job.replica = attempt.replica
        endpoint.strategy.occupy(endpoint.group, attempt, accepting=accepting)
        return attempt

    def run_when_journalled(self, endpoint: Endpoint, attempt: Attempt[Job]) -> None:
        """Begin an attempt once the journal knows of the start of each of its jobs."""
        left = len(attempt.jobs)
        failed = False

        def done(error: Exception | None) -> None:
            nonlocal left, failed
            left -= 1
            if error is not None:
                logger.error("journal: %s", error)
                failed = True
            if left == 0:
                if failed:
                    self._put_back(endpoint, attempt)
                else:
                    self.run(endpoint, attempt)

        for job in attempt.jobs:
            self._registry.journal.start(job.id, job.attempt, job.started_at or 0.0, job.replica, done)

    def _put_back(self, endpoint: Endpoint, attempt: Attempt[Job]) -> None:
        """The start could not be journalled, so it must not happen: queue the jobs and try again later."""
        group = endpoint.group
        for job in attempt.jobs:
            if not job.ending:
                job.move(State.QUEUED)
                job.attempt -= 1
                job.running = None
                group.queue.add(job)
                self._registry.waiting.add(job)
        group.running -= 1
        self._end(attempt)
        asyncio.get_running_loop().call_later(_JOURNAL_RETRY_S, self._slot_freed, group)

    def run(self, endpoint: Endpoint, attempt: Attempt[Job]) -> None:
        """Run an attempt whose start is journalled, or which is journalled when it is sent."""
        if attempt.begun:
            self._sink.log_start(endpoint.group, attempt)
        for job in attempt.jobs:
            if not job.ending:
                self._registry.spawn(self._run(endpoint, attempt))
                return
        self.release(endpoint, attempt)

    # Running

    async def _run(self, endpoint: Endpoint, attempt: Attempt[Job]) -> None:
        loop = asyncio.get_running_loop()
        limit_s = endpoint.policy.time_limit_s
        timer = None if limit_s is None else loop.call_later(limit_s, self._expire, attempt, limit_s)
        attempt.begun_s = loop.time()
        try:
            results: Sequence[Result | Failure | Retryable] = await self._registry.executor.run(attempt)
        except Exception:
            logger.exception("the executor broke while it ran %s", attempt.endpoint)
            results = [Failure("internal", None)] * len(attempt.jobs)
        finally:
            if timer is not None:
                timer.cancel()
        if not attempt.begun and any(isinstance(result, Result) for result in results):
            self._sink.begun(attempt)
        elapsed = loop.time() - attempt.begun_s
        ran = attempt.begun and not attempt.cancelled.is_set()
        for result in results:
            ran = ran and not isinstance(result, Retryable)
        if ran:
            endpoint.group.run_times.add(elapsed)
            endpoint.run_times.add(elapsed)
        average = endpoint.run_times.mean_s
        for job, result in zip(attempt.jobs, results, strict=True):
            self._settle(endpoint, job, result, elapsed, average)
        if attempt.begun and not attempt.holds_slot:
            endpoint.group.prefetched.ended(attempt, elapsed)
        self.release(endpoint, attempt)

    def _settle(
        self,
        endpoint: Endpoint,
        job: Job,
        result: Result | Failure | Retryable,
        elapsed_s: float,
        average_s: float | None,
    ) -> None:
        """Finish a job with what its attempt gave, or requeue it."""
        streamed = job.log.values is not None
        if isinstance(result, Result):
            outcome = Outcome(State.SUCCEEDED, result.data, None, elapsed_s, average_s, result.changed, streamed)
        elif isinstance(result, Retryable):
            if self._requeue(endpoint.group, job, result):
                return
            outcome = Outcome(State.FAILED, None, result.failure, elapsed_s, average_s, (), streamed)
        else:
            state = State.CANCELLED if result.code == JobCancelled.code else State.FAILED
            outcome = Outcome(state, None, result, elapsed_s, average_s, (), streamed)
        self._outcomes.finish(job, outcome)

    def _expire(self, attempt: Attempt[Job], limit_s: float) -> None:
        failure = Failure(JobTimedOut.code, f"The call ran longer than its limit of {limit_s:g} s.", shown=True)
        for job in attempt.jobs:
            self._outcomes.fail(job, failure, limit_s)
        attempt.cancel()

    def release(self, endpoint: Endpoint, attempt: Attempt[Job]) -> None:
        """The attempt has ended: free its slot."""
        group = endpoint.group
        frees = group.prefetched.discard(attempt) or self._registry.bounds.running_per_caller is not None
        if attempt.holds_slot:
            group.running -= 1
            frees = True
        self._end(attempt)
        if frees:
            self._slot_freed(group)

    def _end(self, attempt: Attempt[Job]) -> None:
        for job in attempt.jobs:
            self._running.remove(job)
            if job.ending and job.call is not None:
                self._registry.release_call(job)
        self._count -= 1
        if self._count == 0:
            self._idle.set()

    # Retrying

    def _requeue(self, group: Group, job: Job, result: Retryable) -> bool:
        """Let a job wait again after an attempt without a result; False: it has no retries left."""
        attempt = job.running
        if job.ending or attempt is None:
            return True
        begun = result.begun or attempt.begun
        if begun and job.attempt > job.retries:
            return False
        if not begun:
            job.attempt -= 1
        if job.state is State.RUNNING:
            job.move(State.QUEUED)
        if attempt.sent:
            self._registry.journal.requeue(job.id, job.attempt, "", log_error)
        job.running = None
        job.replica = ""
        self._registry.waiting.add(job)
        if begun:
            self._registry.observer.retried(job)
            if job.log.watchers:
                group.watched[job.id] = job
                ranks.publish(group, job)
            self.delay_retry(job)
        else:
            group.queue.put_back(job)
        return True

    def delay_retry(self, job: Job) -> None:
        """Queue a waiting job again after the delay that its attempts so far call for."""
        self._resting.add(job, delay_s(job.attempt, self._registry.bounds.retry_delay_s))

    def _end_rest(self, job: Job) -> None:
        group = self._registry.group_of(job)
        group.queue.add(job)
        self._slot_freed(group)

    def cancel_retry_delay(self, job: Job) -> bool:
        """Forget the next attempt of a job; whether it was resting."""
        return self._resting.remove(job)

    # Stopping

    async def wait_idle(self, timeout_s: float) -> bool:
        """Wait until no attempt runs; False: some still do after `timeout_s`."""
        self._idle.clear()
        if self._count:
            try:
                await asyncio.wait_for(self._idle.wait(), timeout_s)
            except asyncio.TimeoutError:
                return False
        return True

    def stop(self) -> None:
        """Start no further attempt of resting jobs."""
        self._resting.clear()
