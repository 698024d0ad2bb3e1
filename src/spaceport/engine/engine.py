"""The queue engine: accept, journal, order, run, publish, recover.

A job is accepted when the journal has it; it starts when its group has room; its outcome is told when the journal has
that too. Everything runs in one event loop and nothing polls: each step is caused by the one before.

`admission` accepts jobs, `dispatcher` chooses which one starts, `attempts` runs them, `outcomes` ends and
finds them, `expiry` forgets them in time.
"""

from __future__ import annotations

import contextlib
import gc
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

from spaceport.engine import ranks
from spaceport.engine.admission import Admission, JobRequest
from spaceport.engine.bounds import Bounds
from spaceport.engine.dispatcher import Dispatcher
from spaceport.engine.executor import Executor
from spaceport.engine.expiry import Expiry
from spaceport.engine.jobs import Job
from spaceport.engine.journal import JobFilter, Journal, Stored
from spaceport.engine.observer import JobObserver
from spaceport.engine.outcome import Failure, Outcome, State
from spaceport.engine.outcomes import Outcomes
from spaceport.engine.policy import Policy
from spaceport.engine.recovery import job_from, restore_call
from spaceport.engine.registry import Registry
from spaceport.engine.sink import log_error
from spaceport.engine.updates import Queued, Watcher
from spaceport.errors import Interrupted, JobCancelled

logger = logging.getLogger("spaceport.engine")

_STOPPED = Failure(Interrupted.code, "The server stopped before the call could end.", shown=True)
_CANCELLED = Failure(JobCancelled.code, "The job was cancelled.", shown=True, title="Cancelled")


class Engine:
    """Owns the jobs of one Space. All methods belong to the loop that `start` ran in.

    What each call needs returns the coroutine of its part, so that the façade costs no frame of its own.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        executor: Executor,
        journal: Journal,
        bounds: Bounds,
        clock: Callable[[], float],
        observer: JobObserver | None = None,
    ) -> None:
        """`clock` gives the time in seconds since the epoch."""
        self._registry = Registry(executor, journal, bounds, clock, observer or JobObserver())
        self._expiry = Expiry(self._registry)
        self._outcomes = Outcomes(self._registry, self._expiry)
        self._dispatcher = Dispatcher(self._registry, self._outcomes)
        self._attempts = self._dispatcher.attempts
        self._admission = Admission(self._registry, self._dispatcher, self._outcomes)
        self._jobs = self._registry.jobs
        for policy in policies:
            self.add(policy)

    # Counting

    @property
    def waiting(self) -> int:
        """Jobs waiting in all groups together."""
        return self._registry.waiting.count

    @property
    def running(self) -> int:
        """Jobs running in all groups together, prefetched ones included."""
        return self._registry.running.count

    @property
    def quiet(self) -> bool:
        """Whether no job waits or runs."""
        return not self._jobs

    @property
    def draining(self) -> bool:
        """Whether the engine is stopping and takes no jobs."""
        return self._registry.draining

    def counts(self) -> dict[str, tuple[int, int]]:
        """By endpoint: the number of waiting and of running jobs."""
        found = {name: [0, 0] for name in self._registry.endpoints}
        for job in self._jobs.values():
            if not job.ending:
                found.setdefault(job.endpoint, [0, 0])[job.state is State.RUNNING] += 1
        return {name: (waiting, running) for name, (waiting, running) in found.items()}

    # Configuring

    def add(self, policy: Policy) -> None:
        """Add an endpoint, or replace the policy of one."""
        self._registry.add(policy, self._dispatcher.strategy(policy))

    def redispatch(self) -> None:
        """Start waiting jobs that may start now: the executor's replicas have changed."""
        self._dispatcher.redispatch()

    # Submitting

    def submit(self, request: JobRequest) -> Coroutine[Any, Any, Job]:
        """Accept a job: when this returns, it ends in exactly one outcome.

        The engine owns `request.call` from here on, and has the executor release it in the end, even if this raises.
        Raises `QueueFull`, `Conflict` (an idempotency key with another body) and `SpaceUnavailable` (the engine stops,
        or the journal cannot be written); then there is no job.
        """
        return self._admission.submit(request)

    async def resubmit(self, failed: Job) -> Job:
        """Submit the call of a failed job as a new job.

        Raises `Conflict` for a job that did not fail, or whose arguments are not kept, and whatever `submit` raises.
        """
        return await self._admission.resubmit(failed)

    # Reading

    async def writable(self) -> bool:
        """Whether the journal could take a call."""
        return await self._registry.journal.writable()

    def find(self, job_id: str) -> Coroutine[Any, Any, Job | None]:
        """A job by id, from memory or from the journal; None when there is none or its outcome has expired."""
        return self._outcomes.find(job_id)

    def peek(self, job_id: str) -> Job | None:
        """A job by id if it is in memory."""
        return self._outcomes.peek(job_id)

    async def listing(self, wanted: JobFilter) -> list[Job]:
        """The jobs that a filter selects, newest first."""
        return await self._outcomes.listing(wanted)

    async def session_user(self, session: str) -> tuple[str | None] | None:
        """The user of a session, taken from the oldest of its kept jobs; None when it has no kept job."""
        return await self._registry.journal.session_user(session)

    def watch(self, job: Job, watcher: Watcher) -> Callable[[], None]:
        """Wake `watcher` at each update of `job` until the returned function is called."""
        stop = job.log.watch(watcher)
        endpoint = self._registry.endpoints.get(job.endpoint)
        if job.state is not State.QUEUED or job.ending or endpoint is None or not watcher.ranks:
            return stop
        group = endpoint.group
        if job.running is not None:  # prefetched: its replica reports its rank
            if job.updates is None or not job.log.entries:
                ranks.publish(group, job)
            return stop
        if job.id not in group.watched:
            group.watched[job.id] = job
            ranks.publish(group, job)

        def leave() -> None:
            stop()
            if not job.log.watchers:
                group.watched.pop(job.id, None)

        return leave

    def position(self, job: Job) -> Queued | None:
        """Rank, queue size and ETA of a waiting job now; None for any other."""
        if job.state is not State.QUEUED or job.ending or job.endpoint not in self._registry.endpoints:
            return None
        return ranks.position(self._registry.group_of(job), job)

    def average_s(self, endpoint: str) -> float | None:
        """Mean run time of an endpoint in seconds, once measured."""
        return self._registry.endpoints[endpoint].run_times.mean_s

    def ended(self, job: Job) -> Coroutine[Any, Any, None]:
        """Wait until a job's outcome can be read."""
        return self._outcomes.ended(job)

    # Cancelling

    async def cancel(self, job: Job) -> bool:
        """End a job as cancelled; False: it had ended otherwise. Returns when the outcome is journalled.

        A running job's caller is answered at once; its slot frees when the work has truly stopped.
        """
        if not job.state.final and not job.ending:
            attempt = job.running
            if job.state is State.QUEUED and attempt is None:
                self._leave_queue(job)
            begun = attempt is not None and attempt.begun
            ran_s = self._registry.clock() - attempt.started_at if attempt is not None and begun else 0.0
            streamed = job.log.values is not None
            self._outcomes.finish(job, Outcome(State.CANCELLED, None, _CANCELLED, ran_s, None, (), streamed))
            if attempt is not None and all(other.ending for other in attempt.jobs):
                attempt.cancel()
        await self.ended(job)
        return job.state is State.CANCELLED

    def _leave_queue(self, job: Job) -> None:
        group = self._registry.group_of(job)
        if self._attempts.cancel_retry_delay(job):
            self._registry.stop_waiting(group, job)
        else:
            group.queue.remove(job)
            self._registry.stop_waiting(group, job)
            ranks.announce(group)

    # Starting and stopping

    async def start(self) -> None:
        """Take over the jobs of an earlier process: waiting ones wait again, running ones are retried or fail."""
        with _no_collections():  # each collection would visit all the jobs again
            waiting: dict[str, list[Job]] = {}
            for stored in await self._registry.journal.unfinished():
                self._recover(stored, waiting)
            for name, jobs in waiting.items():
                self._registry.groups[name].queue.add_all(jobs)
        self.redispatch()
        self._expiry.start()

    def _recover(self, stored: Stored, waiting: dict[str, list[Job]]) -> None:
        """Take over a job. One that may start at once is added to the list of its group in `waiting`."""
        registry = self._registry
        job = job_from(stored)
        job.numbers_after = registry.journal.epoch << 32
        self._jobs[job.id] = job
        failure = restore_call(job, stored.accepted.payload, registry.endpoints, registry.executor)
        if failure is not None:
            self._outcomes.fail(job, failure)
            return
        registry.waiting.add(job)
        if job.state is State.RUNNING:
            job.move(State.QUEUED)
            if not registry.executor.survived(job):
                job.replica = ""
                registry.journal.requeue(job.id, job.attempt, "", log_error)
                self._attempts.delay_retry(job)
                return
        waiting.setdefault(registry.group_of(job).name, []).append(job)

    async def stop(self, timeout_s: float) -> None:
        """Take no new jobs and let running ones end, for at most `timeout_s`. `close` follows.

        Waiting jobs stay in the journal for the next process. If the journal does not outlive this process, waiting
        jobs run too, and what has not ended at the deadline ends as `interrupted`.
        """
        self._registry.draining = True
        if not await self._attempts.wait_idle(timeout_s):
            logger.warning("%d calls still ran after %g s of draining", self._attempts.count, timeout_s)
        if not self._registry.journal.persistent:
            for job in list(self._jobs.values()):
                self._outcomes.fail(job, _STOPPED)

    async def close(self) -> None:
        """Cancel what runs and close the journal. Jobs that have not ended are left to the next process."""
        self._registry.draining = True
        self._expiry.stop()
        self._attempts.stop()
        await self._registry.close()
        await self._registry.journal.close()


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """Suspend the interpreter's garbage collection."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
