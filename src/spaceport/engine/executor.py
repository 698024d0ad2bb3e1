"""The seam to whatever runs a job: Python functions in a Space, replicas of an app in a hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from spaceport.engine.attempt import Attempt
from spaceport.engine.jobs import Job
from spaceport.engine.outcome import Failure
from spaceport.engine.prefetched import Prefetched
from spaceport.engine.results import Result, Retryable


@dataclass(frozen=True, slots=True)
class Assigned:
    """Send the job to this replica."""

    id: str


@dataclass(frozen=True, slots=True)
class Pending:
    """Send the job: it goes to a replica that is still starting."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Keep the job queued: every replica that may run it has enough prefetched jobs.

    `everyone`: no other job of the group may be sent either.
    """

    everyone: bool = False


Placement = Assigned | Pending | Wait


class Executor(Protocol):
    async def run(self, attempt: Attempt[Job]) -> Sequence[Result | Failure | Retryable]:
        """Run the attempt; one result or failure for each of its jobs, in order.

        Returns only when the work has truly ended, because that frees its slot: after `attempt.cancel()` an async
        function ends at once, a generator at its next step, a plain function when it returns. Never raises for what
        a user's function did. What it returns for a job that has already ended is ignored.
        """
        ...

    def choose_replica(self, job: Job, prefetched: Prefetched) -> Placement:
        """With `Policy.prefetch`: the replica that the job is sent to now, while the attempts `prefetched` have not
        begun.

        With an `Assigned` replica the journal can hold the job's acceptance and its start in one record.
        """
        ...

    def survived(self, job: Job) -> bool:
        """Whether the replica that ran this job for an earlier process (`job.replica`) still runs it, so that `run`
        can continue the attempt. If so, `choose_replica` assigns the same replica again."""
        ...

    def release(self, call: object) -> None:
        """Free what a call holds, for example its uploaded files: its job has ended, or was never accepted.

        Called once for each call that was submitted or restored, after every attempt with it has ended. The calls of
        jobs that the engine leaves to the next process when it closes are not released.
        """
        ...

    def restore(self, endpoint: str, payload: bytes, *, waited: bool) -> object | Failure:
        """The call of a job found in the journal at start, or the reason why it cannot run any more.

        `waited`: the job had not started. Its session's state is lost, which matters to calls that use it.
        """
        ...
