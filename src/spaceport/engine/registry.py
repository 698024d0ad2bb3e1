"""What the parts of one engine share: its jobs, their endpoints and groups, and what the engine was given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from spaceport.engine.attempt import Attempt
from spaceport.engine.bounds import Bounds, CallerCounter
from spaceport.engine.executor import Executor, Placement
from spaceport.engine.group import Group, RunTimes
from spaceport.engine.jobs import Job
from spaceport.engine.journal import Journal
from spaceport.engine.observer import JobObserver
from spaceport.engine.policy import Policy


class DispatchStrategy(Protocol):
    """How the jobs of an endpoint reach what runs them."""

    starts_before_reply: bool
    """Whether an accepted job starts before its caller is told of the acceptance, or right after."""

    def choose(self, group: Group, job: Job) -> Placement:
        """Where the job would run if it started now."""
        ...

    def occupy(self, group: Group, attempt: Attempt[Job], *, accepting: bool) -> None:
        """Mark the jobs of a new attempt, which has a slot of the group.

        With `accepting` the journal's record of the acceptance says that the job started if `attempt.sent` is set.
        """
        ...

    def start(self, endpoint: Endpoint, attempt: Attempt[Job]) -> None:
        """Begin an attempt whose jobs were queued."""
        ...


@dataclass(slots=True, eq=False)
class Endpoint:
    """An endpoint of the engine. `run_times` are measured by endpoint; its group has those of all its endpoints."""

    policy: Policy
    group: Group
    strategy: DispatchStrategy
    run_times: RunTimes


class Registry:
    """Loop thread only."""

    def __init__(
        self,
        executor: Executor,
        journal: Journal,
        bounds: Bounds,
        clock: Callable[[], float],
        observer: JobObserver,
    ) -> None:
        self.executor = executor
        self.journal = journal
        self.bounds = bounds
        self.clock = clock
        """Seconds since the epoch."""
        self.observer = observer
        self.draining = False
        """Set when the engine stops: no job is accepted any more."""
        self.jobs: dict[str, Job] = {}
        """Jobs without a journalled outcome."""
        self.endpoints: dict[str, Endpoint] = {}
        self.groups: dict[str, Group] = {}
        self.waiting = CallerCounter()
        self.running = CallerCounter()
        """Jobs of attempts, prefetched ones included."""
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, policy: Policy, strategy: DispatchStrategy) -> None:
        """Add an endpoint, or replace the policy of one."""
        group = self.groups.setdefault(policy.group, Group(policy.group, policy.limit))
        known = self.endpoints.get(policy.endpoint)
        run_times = RunTimes() if known is None else known.run_times
        self.endpoints[policy.endpoint] = Endpoint(policy, group, strategy, run_times)
        policies = [one.policy for one in self.endpoints.values() if one.group is group]
        group.limit = min((one.limit for one in policies if one.limit is not None), default=None)

    def group_of(self, job: Job) -> Group:
        return self.endpoints[job.endpoint].group

    def stop_waiting(self, group: Group, job: Job) -> None:
        """Count a job out that has left its queue, to start or to end."""
        self.waiting.remove(job)
        group.watched.pop(job.id, None)

    def release_call(self, job: Job) -> None:
        """Let the executor free what a job's call holds; a second time does nothing."""
        call, job.call = job.call, None
        if call is not None:
            self.executor.release(call)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a task that `close` cancels."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel all tasks and wait for their end."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
