"""Decides which waiting job starts next, and where: in this process, or at a replica to which it is sent in advance."""

from __future__ import annotations

from spaceport.engine import ranks
from spaceport.engine.attempt import Attempt
from spaceport.engine.attempts import Attempts
from spaceport.engine.executor import Assigned, Executor, Placement, Wait
from spaceport.engine.group import Group
from spaceport.engine.jobs import Job
from spaceport.engine.outcome import State
from spaceport.engine.outcomes import Outcomes
from spaceport.engine.policy import Policy
from spaceport.engine.registry import DispatchStrategy, Endpoint, Registry

_SCAN_LIMIT = 64
"""How many queued jobs are considered for a free slot when the first ones may not start."""
_HERE = Assigned("")
_WAIT = Wait()


class Dispatcher:
    """Starts waiting jobs whenever their group has room. Owns the attempts, which call back when a slot is free."""

    def __init__(self, registry: Registry, outcomes: Outcomes) -> None:
        self._registry = registry
        self._running = registry.running
        self._most_per_caller = registry.bounds.running_per_caller
        # the caller of jobs that end may have others waiting in any group
        slot_freed = self.dispatch if self._most_per_caller is None else self._dispatch_all
        self.attempts = Attempts(registry, outcomes, slot_freed)
        self._local = LocalStrategy(self.attempts)
        self._remote = RemoteStrategy(self.attempts, registry.executor)

    def strategy(self, policy: Policy) -> DispatchStrategy:
        return self._remote if policy.prefetch else self._local

    def place(self, endpoint: Endpoint, job: Job) -> Placement:
        """Where a job may start now, or `Wait`."""
        most = self._most_per_caller
        if most is not None and job.caller and self._running.of(job.caller) >= most:
            return _WAIT
        return endpoint.strategy.choose(endpoint.group, job)

    def redispatch(self) -> None:
        """Start what may start in every group."""
        for group in self._registry.groups.values():
            self.dispatch(group)

    def dispatch(self, group: Group) -> None:
        """Start waiting jobs while the group has room."""
        if self._registry.draining and self._registry.journal.persistent:
            return  # what waits stays in the journal: the next process runs it
        started = False
        while group.queue and group.has_room:
            attempt = self._next_attempt(group)
            if attempt is None:
                break
            started = True
            endpoint = self._registry.endpoints[attempt.endpoint]
            endpoint.strategy.start(endpoint, attempt)
        if started:
            ranks.announce(group)

    def _dispatch_all(self, _: Group) -> None:
        self.redispatch()

    def _next_attempt(self, group: Group) -> Attempt[Job] | None:
        """An attempt with the next job that may start, and with others like it; None if the first ones have to wait."""
        for job in group.queue.first(_SCAN_LIMIT):
            endpoint = self._registry.endpoints[job.endpoint]
            placement = self.place(endpoint, job)
            if not isinstance(placement, Wait):
                break
            if placement.everyone:
                return None
        else:
            return None
        group.queue.take(job)
        jobs = [job]
        if endpoint.policy.batch_size > 1:
            self._fill_batch(group, endpoint.policy, jobs)
        for one in jobs:
            self._registry.stop_waiting(group, one)
        return self.attempts.take(endpoint, jobs, placement)

    def _fill_batch(self, group: Group, policy: Policy, jobs: list[Job]) -> None:
        """Take the jobs that follow the first one into its batch, as far as they are of the same endpoint."""
        most = self._most_per_caller
        for job in list(group.queue.first(_SCAN_LIMIT + policy.batch_size)):
            if len(jobs) == policy.batch_size or job.endpoint != policy.endpoint:
                break
            own = sum(one.caller == job.caller for one in jobs) + self._running.of(job.caller)
            if most is None or not job.caller or own < most:
                group.queue.take(job)
                jobs.append(job)


class LocalStrategy:
    """Runs jobs in this process. A job begins when the journal has its start, and holds its slot until its end."""

    starts_before_reply = False  # the caller asks for the job's updates while it runs

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    def choose(self, group: Group, job: Job) -> Placement:
        return _HERE

    def occupy(self, group: Group, attempt: Attempt[Job], *, accepting: bool) -> None:
        group.running += 1
        for job in attempt.jobs:
            job.move(State.RUNNING)
            job.started_at = attempt.started_at

    def start(self, endpoint: Endpoint, attempt: Attempt[Job]) -> None:
        self._attempts.run_when_journalled(endpoint, attempt)


class RemoteStrategy:
    """Sends jobs to the queues of replicas before they can start there (`Policy.prefetch`).

    A job waits until the replica has started it; the executor decides how many wait there. The journal counts it as
    running from the moment at which it is sent.
    """

    starts_before_reply = True  # the replica works while the caller is told

    def __init__(self, attempts: Attempts, executor: Executor) -> None:
        self._attempts = attempts
        self._executor = executor

    def choose(self, group: Group, job: Job) -> Placement:
        return self._executor.choose_replica(job, group.prefetched)

    def occupy(self, group: Group, attempt: Attempt[Job], *, accepting: bool) -> None:
        attempt.begun = attempt.holds_slot = False
        attempt.sent = accepting and bool(attempt.replica)
        group.prefetched.add(attempt)

    def start(self, endpoint: Endpoint, attempt: Attempt[Job]) -> None:
        self._attempts.run(endpoint, attempt)
