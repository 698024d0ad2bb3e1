"""One Space at run time: built, started with a commit or a request, kept at its number of replicas, put to sleep.

The stages have the Hub's names. A request or a commit moves a Space along the upper row; a failure or its owner takes
it off that row, and a commit or a restart brings it back to BUILDING.

    STOPPED ─▶ BUILDING ─▶ APP_STARTING ─▶ RUNNING ─▶ SLEEPING       (idle; the next request goes back to BUILDING)
                  │              │            │
                  │              │            ├─▶ STOPPED            its only replica ended by itself
                  │              └────────────┴─▶ RUNTIME_ERROR      it did not listen, or ended again and again
                  └─▶ NO_APP_FILE, BUILD_ERROR, CONFIG_ERROR
    any stage ─▶ PAUSED                                              by its owner

While a newer revision is BUILDING or APP_STARTING, the replicas of the one before go on serving: the stage is then
RUNNING_BUILDING or RUNNING_APP_STARTING. One task at a time (`RuntimeContext.starting`) moves the Space; requests
await it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from spaceport.errors import SpaceUnavailable
from spaceport.hub.runtime.context import MAX_FAILURES, Broken, RuntimeContext
from spaceport.hub.runtime.logs import Pipe
from spaceport.hub.runtime.parts import RuntimeParts
from spaceport.hub.runtime.replica_set import ReplicaSet
from spaceport.hub.runtime.replicas import ReplicaRecord, RunningReplica
from spaceport.hub.runtime.sleep_timer import InUse, SleepTimer
from spaceport.hub.runtime.starter import CannotRun, Starter
from spaceport.runner.cleanup import finish
from spaceport.store.hub.ports import SpaceRow

logger = logging.getLogger("spaceport.hub")

NOT_TRUSTED = (
    "This hub runs the Spaces of its admins only, because nothing isolates others from it here. Its operator can start "
    "it with --trust-spaces."
)
_PAUSED = "The Space is paused: its owner can restart it."
_BROKEN = ("BUILD_ERROR", "CONFIG_ERROR", "RUNTIME_ERROR", "NO_APP_FILE", "PAUSED")


def stage_at_rest(space: SpaceRow, *, trusted: bool, paused: bool) -> tuple[str | None, str | None]:
    """The stage of a Space that was not started since the hub started, and why it cannot run; (None, None): it can."""
    if space.sdk == "static":
        return None, None
    if not trusted:
        return "CONFIG_ERROR", NOT_TRUSTED
    return ("PAUSED", _PAUSED) if paused else (None, None)


class SpaceRuntime:
    """What runs of one Space."""

    def __init__(self, space: SpaceRow, parts: RuntimeParts) -> None:
        self.known = False
        """Whether it was started, used or found broken since the hub started."""
        self._parts = parts
        self._context = context = RuntimeContext(space, parts)
        self._starter = Starter(context)
        self._replicas = ReplicaSet(context, self._starter, self._last_replica_ended)
        self._sleep_timer = SleepTimer(context, self._replicas, self._sleep)
        self._is_queued = False
        """It starts because of a commit, and others do so first."""

    # What there is

    @property
    def space(self) -> SpaceRow:
        """Its newest record."""
        return self._context.space

    @space.setter
    def space(self, space: SpaceRow) -> None:
        self._context.space = space

    @property
    def replicas(self) -> tuple[ReplicaRecord, ...]:
        """Replicas that listen: of the newest revision, or of the one before while that is being started."""
        return self._replicas.records

    def stage(self) -> tuple[str | None, str | None]:
        """The stage, and why it cannot run; (None, None) for a Space that was not started since the hub started."""
        trusted = self._context.is_trusted()
        if not self.known or not trusted:
            return stage_at_rest(self.space, trusted=trusted, paused=self._parts.spaces.is_paused(self.space))
        if self.space.sdk == "static":
            return None, None
        if self.replicas and self._context.stage in ("BUILDING", "APP_STARTING"):
            return f"RUNNING_{self._context.stage}", None
        return self._context.stage, self._context.error

    def is_trusted(self) -> bool:
        """Whether this hub runs it: it is an admin's, or everybody's Spaces run."""
        return self._context.is_trusted()

    def serving(self) -> str | None:
        """The revision that answers, or would if somebody asked."""
        return self.replicas[0].commit if self.replicas else self._context.head()

    def desired_replicas(self) -> int:
        """How many replicas it has when it is awake."""
        return self._replicas.desired if self.replicas else self._context.desired_by(self.serving())

    def notices(self) -> tuple[str, ...]:
        """What of the revision that serves this hub does not do, as sentences; known once it was built."""
        found = self._starter.notices()
        return found.notices if found.commit == self.serving() else ()

    def sleep_s(self) -> float:
        """Seconds without a request until it sleeps; below 0: never."""
        return self._sleep_timer.sleep_s()

    def check(self) -> None:
        """Raise `SpaceUnavailable` for a Space that cannot run as it is."""
        context = self._context
        if not context.is_trusted():
            raise SpaceUnavailable(NOT_TRUSTED, 600)
        if (not self.known or context.stage == "PAUSED") and self._parts.spaces.is_paused(self.space):
            raise SpaceUnavailable(_PAUSED, 60)
        if self.known and context.stage in _BROKEN and context.commit == context.head():
            raise SpaceUnavailable(context.error or f"The Space is {context.stage}.", 60)

    # What requests need

    def in_use(self, replica: ReplicaRecord | None = None) -> InUse:
        """Enter it while a request is in flight, on `replica` if that is known: the Space stays awake meanwhile."""
        self.known = True
        return InUse(self._sleep_timer, () if replica is None else self._replicas.find(replica))

    async def acquire(self, epoch: str = "") -> ReplicaRecord:
        """A replica that listens: the one of that epoch, else the one with the lowest load; a sleeping Space wakes.

        Raises `SpaceUnavailable` for a Space that cannot run.
        """
        self.check()
        if self.space.sdk == "static":
            raise SpaceUnavailable(f"{self.space.full_name} is a static page: it has no app.", 600)
        self.known = True
        self._sleep_timer.used()
        context = self._context
        while True:
            if self.replicas and (context.is_starting or context.commit == context.head()):
                return self._replicas.choose(epoch)
            if not context.is_starting or self._is_queued:
                self._begin()
            starting = context.starting
            assert starting is not None
            await asyncio.wait([starting])
            if starting is context.starting:
                break
        if not starting.cancelled():
            starting.result()
        if not self.replicas:
            raise SpaceUnavailable(context.error or "The Space does not run.", 60 if context.error else 1)
        return self.replicas[0]

    # What its owner does

    def committed(self) -> None:
        """Build and start the newest revision; the replicas of the one before serve until then."""
        if self.space.sdk == "static" or not self._context.is_trusted() or self._parts.spaces.is_paused(self.space):
            return
        self._sleep_timer.used()
        self._begin(queued=True)

    async def restart(self) -> None:
        """Stop it, and start it afresh."""
        self._parts.spaces.set_paused(self.space, paused=False)
        await self.halt("STOPPED")
        self.committed()

    async def pause(self) -> None:
        """Stop it until somebody restarts it."""
        self._parts.spaces.set_paused(self.space, paused=True)
        await self.halt("PAUSED", _PAUSED)

    async def variables_changed(self) -> None:
        """Start it afresh with its new variables or secrets, unless it sleeps or is paused."""
        if not self.known or self._context.stage == "PAUSED":
            return
        asleep = self._context.stage in ("STOPPED", "SLEEPING")
        await self.halt("STOPPED")
        if not asleep:
            self.committed()

    def sleep_time_changed(self) -> None:
        if self.replicas:
            self._sleep_timer.restart()

    async def halt(self, stage: str, error: str | None = None) -> None:
        """End everything that runs of it, and forget why it was broken."""
        self.known = True
        await self.stop(stage)
        context = self._context
        context.error, context.failures = error, 0
        context.paths.broken.unlink(missing_ok=True)
        context.commit = await asyncio.to_thread(context.head)

    async def stop(self, stage: str) -> None:
        """End everything that runs of it, also what still runs of an older revision."""
        starting = self._context.starting
        if starting is not None:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
        for replica, space in self._parts.retiring.items():
            if space == self.space.id:
                replica.idle.set()
        await self._stop(stage)

    async def end_if_untrusted(self) -> None:
        """End everything that runs of a Space whose owner was an admin when it was started, and is none any more."""
        if (self.replicas or self._context.is_starting) and not self._context.is_trusted():
            await self.halt("STOPPED")

    def cancel_start(self) -> None:
        """Give up a start on its way."""
        if self._context.starting is not None:
            self._context.starting.cancel()

    # What a hub finds when it starts

    def adopt(self, replica: RunningReplica) -> None:
        """Add a replica that a killed hub left behind."""
        self.known = True
        self._context.stage, self._context.commit = "RUNNING", replica.record.commit
        self._replicas.desired = self._context.desired_by(replica.record.commit)
        self._context.open_pipe()
        self._replicas.add(replica)
        self._wake()

    def found_broken(self, broken: Broken) -> None:
        self.known, context = True, self._context
        context.stage, context.error, context.commit = broken.stage, broken.error, broken.commit

    def fill(self) -> None:
        """Start the replicas that it lacks."""
        self._replicas.fill()

    # Moving along the stages

    def _begin(self, *, queued: bool = False) -> None:
        """Start the newest revision and give up a start of an older one; `queued`: wait for a start slot."""
        self.known, context = True, self._context
        before, commit = context.starting, context.head()
        if before is not None:
            before.cancel()
        if context.commit != commit:
            context.failures = 0
        context.commit, context.error, context.stage, self._is_queued = commit, None, "BUILDING", queued
        context.paths.broken.unlink(missing_ok=True)

        async def start() -> None:
            if before is not None:
                await asyncio.gather(before, return_exceptions=True)
            if queued:
                async with self._parts.start_slots:
                    self._is_queued = False
                    await self._start(commit)
            else:
                await self._start(commit)

        context.starting = asyncio.create_task(start())

    async def _start(self, commit: str | None) -> None:
        """Build and start until the first replica listens; then it takes over from those of an older revision."""
        context = self._context
        if not context.is_trusted():  # its owner is an admin no more since it was queued
            await self._stop("STOPPED")
            return
        context.stage = "BUILDING"
        if not self.replicas:
            await self._stop("BUILDING")  # a pipe or replicas on their way that an earlier start left
        first: RunningReplica | None = None
        try:
            first = await self._starter.start_first(commit)
            self._replicas.desired = await asyncio.to_thread(context.desired_by, commit)
            if self._parts.on_first_ready is not None:
                await self._parts.on_first_ready(self.space, first.record)
        except BaseException as error:
            if first is not None:
                await finish(self._parts.replicas.stop(context.paths, first))
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, CannotRun):
                logger.exception("%s could not be started", self.space.full_name)
                error = CannotRun("RUNTIME_ERROR", "The hub could not start it. The hub's own log says why.")
            await self._stop(error.stage)
            context.fail(error.message)
            return
        context.stage = "RUNNING"
        self._replicas.take_over(first)
        self._wake()
        self.fill()

    def _wake(self) -> None:
        self._sleep_timer.used()
        self._sleep_timer.restart()

    def _sleep(self) -> None:
        self._parts.run_in_background(self._stop("SLEEPING"))

    def _last_replica_ended(self) -> None:
        stage = "STOPPED" if self._context.failures < MAX_FAILURES else "RUNTIME_ERROR"
        self._parts.run_in_background(self._stop(stage))
        if stage == "RUNTIME_ERROR":
            self._context.fail("The app ended by itself, again and again. Its run log says more.")

    def _stop(self, stage: str) -> Coroutine[Any, Any, None]:
        """Stop routing to the Space; await the result to know that its processes have exited."""
        self._context.stage = stage
        pipe, self._context.pipe = self._context.pipe, None
        self._sleep_timer.cancel()
        return self._stopped(self._replicas.detach(), pipe)

    async def _stopped(self, end_replicas: Callable[[], Awaitable[None]], pipe: Pipe | None) -> None:
        await end_replicas()
        if pipe is not None:
            pipe.close(time.time())
