"""The replicas that serve one Space: kept at their number, and replaced when they end by themselves."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import Awaitable, Callable

from spaceport.errors import InvalidInput
from spaceport.hub.runtime.builder import BuildFailed
from spaceport.hub.runtime.context import MAX_FAILURES, RuntimeContext
from spaceport.hub.runtime.replicas import DidNotStart, ReplicaRecord, RunningReplica
from spaceport.hub.runtime.starter import Starter

logger = logging.getLogger("spaceport.hub")

_STEADY_S = 60.0
"""A replica that ends after this time does not count as one that ended soon."""
_RETIRE_S = 60.0
"""How long what runs on a replica of an older revision may take to end."""


class ReplicaSet:
    """`on_last_ended` is called when the only replica has ended by itself and nothing is being started."""

    def __init__(self, context: RuntimeContext, starter: Starter, on_last_ended: Callable[[], None]) -> None:
        self.records: tuple[ReplicaRecord, ...] = ()
        """Replicas that listen: of the newest revision, or of the one before while that is being started."""
        self.desired = 1
        self._context = context
        self._parts = context.parts
        self._starter = starter
        self._on_last_ended = on_last_ended
        self._running: list[RunningReplica] = []
        self._adding: set[asyncio.Task[None]] = set()
        """Starts of replicas beside the first."""

    def choose(self, epoch: str) -> ReplicaRecord:
        """The replica of that epoch, else the one with the lowest load. There must be one."""
        found = [one for one in self._running if one.record.epoch == epoch]
        return (found or [min(self._running, key=lambda one: one.load)])[0].record

    def find(self, record: ReplicaRecord) -> list[RunningReplica]:
        """The replica of a record; empty if it is gone."""
        return [one for one in self._running if one.record == record]

    # Adding

    def add(self, replica: RunningReplica) -> None:
        """From now on it gets requests."""
        self._running.append(replica)
        if replica.note:
            self._context.say(replica.note)
        replica.watch(functools.partial(self._ended, replica))
        self._changed()

    def take_over(self, first: RunningReplica) -> None:
        """Let the first replica of a newer revision get the requests, and retire the others."""
        old, self._running = self._running, []
        for one in old:
            one.unwatch()
            self._parts.run_in_background(self._retire(one))
        self.add(first)

    def fill(self) -> None:
        """Start the replicas that are lacking; later, when they keep ending."""
        if not self._running or self._context.failures >= MAX_FAILURES or not self._context.is_trusted():
            return
        for _ in range(self.desired - len(self._running) - len(self._adding)):
            task = asyncio.create_task(self._add_another(self.records[0].commit))
            self._adding.add(task)
            task.add_done_callback(self._added)

    async def _add_another(self, commit: str) -> None:
        """Start one more replica beside those that run."""
        try:
            replica = await self._starter.start_another(commit)
        except (BuildFailed, InvalidInput, DidNotStart) as error:
            self._context.failures += 1
            logger.warning("%s: another replica did not start: %s", self._context.space.full_name, error.message)
            return
        if self.records and self.records[0].commit == commit:
            self.add(replica)
        else:
            await self._parts.replicas.stop(self._context.paths, replica)

    def _added(self, task: asyncio.Task[None]) -> None:
        self._adding.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self.fill()
        else:
            logger.error("%s: another replica could not be started: %r", self._context.space.full_name, error)

    # Ending

    def detach(self) -> Callable[[], Awaitable[None]]:
        """Stop routing to the replicas. The function that is returned ends them; they are gone when it returns."""
        running, self._running = self._running, []
        if running:
            self._changed()
        adding = list(self._adding)
        for task in adding:
            task.cancel()
        for one in running:
            one.unwatch()
        return functools.partial(self._stop, running, adding)

    async def _stop(self, running: list[RunningReplica], adding: list[asyncio.Task[None]]) -> None:
        stops = [self._parts.replicas.stop(self._context.paths, one) for one in running]
        await asyncio.gather(*stops, *adding, return_exceptions=True)

    async def _retire(self, replica: RunningReplica) -> None:
        """Let what runs on a replica of an older revision end, then stop it."""
        self._parts.retiring[replica] = self._context.space.id
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(replica.idle.wait(), _RETIRE_S)
        del self._parts.retiring[replica]
        await self._parts.replicas.stop(self._context.paths, replica)

    def _ended(self, replica: RunningReplica, reason: str) -> None:
        """Replace a replica that ended by itself: at once if there are others, else with the next request."""
        replica.unwatch()
        if replica not in self._running:
            return
        if reason:
            self._context.say(reason)
        steady = time.monotonic() - replica.since > _STEADY_S
        self._context.failures = 1 if steady else self._context.failures + 1
        if len(self._running) > 1 or self._context.is_starting:
            self._running.remove(replica)
            self._changed()
            self._parts.run_in_background(self._parts.replicas.stop(self._context.paths, replica))
            self.fill()
        else:
            self._on_last_ended()

    def _changed(self) -> None:
        self.records = tuple(one.record for one in self._running)
        if self._parts.on_replicas_changed is not None:
            self._parts.on_replicas_changed(self._context.space)
