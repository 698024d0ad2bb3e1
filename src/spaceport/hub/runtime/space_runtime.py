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
RUNNING_BUILDING or RUNNING_APP_STARTING. One task at a time (`_starting`) moves the Space; requests await it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from spaceport.errors import InvalidInput, SpaceUnavailable
from spaceport.hub.runtime.builder import Build, Builder, BuildFailed, InvalidConfiguration, NoAppFile
from spaceport.hub.runtime.environment import ReplicaEnvironment
from spaceport.hub.runtime.logs import Log, Pipe
from spaceport.hub.runtime.replicas import DidNotStart, ReplicaRecord, Replicas, RunningReplica
from spaceport.hub.spaces.directory import Spaces
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.store.hub.ports import SpaceRow

logger = logging.getLogger("spaceport.hub")

NOT_TRUSTED = (
    "This hub runs the Spaces of its admins only, because nothing isolates others from it here. Its operator can start "
    "it with --trust-spaces."
)
_PAUSED = "The Space is paused: its owner can restart it."
_MAX_FAILURES = 5
"""How often in a row a replica may end by itself soon after its start; then the Space is a RUNTIME_ERROR."""
_STEADY_S = 60.0
"""A replica that ends after this time does not count as one that ended soon."""
_RETIRE_S = 60.0
"""How long what runs on a replica of an older revision may take to end."""
_BROKEN = ("BUILD_ERROR", "CONFIG_ERROR", "RUNTIME_ERROR", "NO_APP_FILE", "PAUSED")


@dataclass(frozen=True)
class FleetLimits:
    """`start_s`: how long a replica may take to listen. `sleep_s`: how long a Space stays awake without a request.

    `memory`: bytes of a process's address space, 0: no limit. `processes`: of one replica. `replicas`: of one Space.
    """

    start_s: float = 300.0
    sleep_s: float = 3600.0
    memory: int = 0
    processes: int = 1024
    replicas: int = 4
    trusts: bool = False
    """Whether Spaces of others than admins run: nothing isolates them from the hub yet."""


@dataclass(slots=True)
class RuntimeParts:
    """What all Spaces of a hub share at run time.

    `on_first_ready` is awaited for the first replica of a revision, before it gets a request. `on_replicas_changed` is
    called when a Space has other replicas than before. `start_slots` limits how many commits start at once.
    """

    spaces: Spaces
    data: Path
    limits: FleetLimits
    builder: Builder
    replicas: Replicas
    environment: ReplicaEnvironment
    start_slots: asyncio.Semaphore
    on_first_ready: Callable[[SpaceRow, ReplicaRecord], Awaitable[None]] | None = None
    on_replicas_changed: Callable[[SpaceRow], None] | None = None
    tasks: set[asyncio.Future[None]] = field(default_factory=set)
    retiring: dict[RunningReplica, int] = field(default_factory=dict)
    """Replicas of older revisions that finish what they run, by the id of their Space."""

    def run_in_background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class _CannotRun(Exception):
    """A revision that could not be started."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage, self.message = stage, message


class Broken(msgspec.Struct, frozen=True):
    """Why a revision does not run, as a file says after a restart of the hub."""

    stage: str
    error: str
    commit: str | None


class _InUse:
    """While it is entered, a request is in flight."""

    __slots__ = ("_busy", "_runtime")

    def __init__(self, runtime: SpaceRuntime, busy: list[RunningReplica]) -> None:
        self._runtime = runtime
        self._busy = busy

    def __enter__(self) -> None:
        self._runtime.open += 1
        for one in self._busy:
            one.open += 1
            one.taken += 1
            one.idle.clear()

    def __exit__(self, *_: object) -> None:
        self._runtime.open -= 1
        for one in self._busy:
            one.open -= 1
            if not one.open:
                one.idle.set()
        self._runtime.used_at = time.monotonic()


class SpaceRuntime:
    """What runs of one Space. `space` is its newest record."""

    def __init__(self, space: SpaceRow, parts: RuntimeParts) -> None:
        self.space = space
        self.known = False
        """Whether it was started, used or found broken since the hub started."""
        self.open = 0
        """Requests and calls in flight."""
        self.used_at = 0.0
        """When the last request ended, in monotonic seconds."""
        self.replicas: tuple[ReplicaRecord, ...] = ()
        """Replicas that listen: of the newest revision, or of the one before while that is being started."""
        self._parts = parts
        self._paths = SpacePaths(parts.data / space.folder)
        self._stage = "STOPPED"
        self._error: str | None = None
        self._commit: str | None = None
        """The revision that runs, is being started, or could not be."""
        self._running: list[RunningReplica] = []
        self._desired = 1
        self._build: Build | None = None
        self._failures = 0
        self._starting: asyncio.Task[None] | None = None
        self._is_queued = False
        """It starts because of a commit, and others do so first."""
        self._adding: set[asyncio.Task[None]] = set()
        """Starts of replicas beside the first."""
        self._pipe: Pipe | None = None
        self._sleep_timer: asyncio.TimerHandle | None = None

    # What there is

    def stage(self) -> tuple[str | None, str | None]:
        """The stage, and why it cannot run; (None, None) for a Space that was not started since the hub started."""
        if self.space.sdk == "static":
            return None, None
        if not self.known:
            if not self._is_trusted():
                return "CONFIG_ERROR", NOT_TRUSTED
            return ("PAUSED", _PAUSED) if self._parts.spaces.is_paused(self.space) else (None, None)
        if self.replicas and self._stage in ("BUILDING", "APP_STARTING"):
            return f"RUNNING_{self._stage}", None
        return self._stage, self._error

    def serving(self) -> str | None:
        """The revision that answers, or would if somebody asked."""
        return self.replicas[0].commit if self.replicas else self._head()

    def desired_replicas(self) -> int:
        """How many replicas it has when it is awake."""
        return self._desired if self.replicas else self._desired_by(self.serving())

    def notices(self) -> tuple[str, ...]:
        """What of the revision that serves this hub does not do, as sentences; known once the hub has built it."""
        return () if self._build is None or self._build.commit != self.serving() else self._build.notices

    def sleep_s(self) -> float:
        """Seconds without a request until it sleeps; below 0: never."""
        own = self._parts.spaces.sleep_s(self.space)
        return self._parts.limits.sleep_s if own is None else own

    def check(self) -> None:
        """Raise `SpaceUnavailable` for a Space that cannot run as it is."""
        if not self._is_trusted():
            raise SpaceUnavailable(NOT_TRUSTED, 600)
        if (not self.known or self._stage == "PAUSED") and self._parts.spaces.is_paused(self.space):
            raise SpaceUnavailable(_PAUSED, 60)
        if self.known and self._stage in _BROKEN and self._commit == self._head():
            raise SpaceUnavailable(self._error or f"The Space is {self._stage}.", 60)

    # What requests need

    def in_use(self, replica: ReplicaRecord | None = None) -> _InUse:
        """Enter it while a request is in flight, on `replica` if that is known: the Space stays awake meanwhile."""
        self.known = True
        return _InUse(self, [] if replica is None else [one for one in self._running if one.record == replica])

    async def acquire(self, epoch: str = "") -> ReplicaRecord:
        """A replica that listens: the one of that epoch, else the one with the lowest load; a sleeping Space wakes.

        Raises `SpaceUnavailable` for a Space that cannot run.
        """
        self.check()
        if self.space.sdk == "static":
            raise SpaceUnavailable(f"{self.space.full_name} is a static page: it has no app.", 600)
        self.known = True
        self.used_at = time.monotonic()
        while True:
            if self.replicas and (self._is_starting or self._commit == self._head()):
                found = [one for one in self._running if one.record.epoch == epoch]
                return (found or [min(self._running, key=lambda one: one.load)])[0].record
            if not self._is_starting or self._is_queued:
                self._begin()
            starting = self._starting
            assert starting is not None
            await asyncio.wait([starting])
            if starting is self._starting:
                break
        if not starting.cancelled():
            starting.result()
        if not self.replicas:
            raise SpaceUnavailable(self._error or "The Space does not run.", 60 if self._error else 1)
        return self.replicas[0]

    # What its owner does

    def committed(self) -> None:
        """Build and start the newest revision; the replicas of the one before serve until then."""
        if self.space.sdk == "static" or not self._is_trusted() or self._parts.spaces.is_paused(self.space):
            return
        self.used_at = time.monotonic()
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
        if not self.known or self._stage == "PAUSED":
            return
        asleep = self._stage in ("STOPPED", "SLEEPING")
        await self.halt("STOPPED")
        if not asleep:
            self.committed()

    def sleep_time_changed(self) -> None:
        if self.replicas:
            self._sleep_later()

    async def halt(self, stage: str, error: str | None = None) -> None:
        """End everything that runs of it, and forget why it was broken."""
        self.known = True
        await self.stop(stage)
        self._error, self._failures = error, 0
        self._paths.broken.unlink(missing_ok=True)
        self._commit = await asyncio.to_thread(self._head)

    async def stop(self, stage: str) -> None:
        """End everything that runs of it, also what still runs of an older revision."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        for replica, space in self._parts.retiring.items():
            if space == self.space.id:
                replica.idle.set()
        await self._stop(stage)

    def cancel_start(self) -> None:
        """Give up a start on its way."""
        if self._starting is not None:
            self._starting.cancel()

    # What a hub finds when it starts

    def adopt(self, replica: RunningReplica) -> None:
        """Add a replica that a killed hub left behind."""
        self.known, self._stage, self._commit = True, "RUNNING", replica.record.commit
        self._desired = self._desired_by(replica.record.commit)
        self._open_pipe()
        self._add(replica)
        self._is_awake()

    def found_broken(self, broken: Broken) -> None:
        self.known, self._stage, self._error, self._commit = True, broken.stage, broken.error, broken.commit

    def fill(self) -> None:
        """Start the replicas that it lacks; later, when they keep ending."""
        if not self._running or self._failures >= _MAX_FAILURES:
            return
        for _ in range(self._desired - len(self._running) - len(self._adding)):
            task = asyncio.create_task(self._add_another(self.replicas[0].commit))
            self._adding.add(task)
            task.add_done_callback(self._added)

    # Starting

    @property
    def _is_starting(self) -> bool:
        return self._starting is not None and not self._starting.done()

    def _begin(self, *, queued: bool = False) -> None:
        """Start the newest revision and give up a start of an older one; `queued`: wait for a start slot."""
        self.known = True
        before, commit = self._starting, self._head()
        if before is not None:
            before.cancel()
        if self._commit != commit:
            self._failures = 0
        self._commit, self._error, self._stage, self._is_queued = commit, None, "BUILDING", queued
        self._paths.broken.unlink(missing_ok=True)

        async def start() -> None:
            if before is not None:
                await asyncio.gather(before, return_exceptions=True)
            if queued:
                async with self._parts.start_slots:
                    self._is_queued = False
                    await self._start(commit)
            else:
                await self._start(commit)

        self._starting = asyncio.create_task(start())

    async def _start(self, commit: str | None) -> None:
        """Build and start until the first replica listens; then it takes over from those of an older revision."""
        self._stage = "BUILDING"
        if not self._running:
            await self._stop("BUILDING")  # a pipe or replicas on their way that an earlier start left
        first: RunningReplica | None = None
        try:
            first = await self._start_first(commit)
            self._desired = await asyncio.to_thread(self._desired_by, commit)
            if self._parts.on_first_ready is not None:
                await self._parts.on_first_ready(self.space, first.record)
        except BaseException as error:
            if first is not None:
                await asyncio.shield(self._parts.replicas.stop(self._paths, first))
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, _CannotRun):
                logger.exception("%s could not be started", self.space.full_name)
                error = _CannotRun("RUNTIME_ERROR", "The hub could not start it. The hub's own log says why.")
            await self._stop(error.stage)
            self._break(error.message)
            return
        old, self._running = self._running, []
        for one in old:
            one.unwatch()
            self._parts.run_in_background(self._retire(one))
        self._stage = "RUNNING"
        self._add(first)
        self._is_awake()
        self.fill()

    async def _start_first(self, commit: str | None) -> RunningReplica:
        """Raises `_CannotRun`."""
        if commit is None:
            raise _CannotRun("NO_APP_FILE", "The Space has no files yet.")
        try:
            build = await self._make_build(commit)
            self._stage = "APP_STARTING"
            if self._failures > 1:
                await asyncio.sleep(2.0 ** (self._failures - 2))
            self._paths.run_log.unlink(missing_ok=True)
            self._open_pipe()
            return await self._start_replica(build)
        except NoAppFile as error:
            raise _CannotRun("NO_APP_FILE", error.message) from error
        except (InvalidConfiguration, InvalidInput) as error:
            raise _CannotRun("CONFIG_ERROR", error.message) from error
        except BuildFailed as error:
            raise _CannotRun("BUILD_ERROR", error.message) from error
        except DidNotStart as error:
            if self._pipe is not None:
                self._pipe.say(error.message)
            raise _CannotRun("RUNTIME_ERROR", error.message) from error

    async def _make_build(self, commit: str) -> Build:
        self._paths.build_log.unlink(missing_ok=True)
        work = self._parts.builder.work(self._paths.build_log)

        def build() -> Build:
            card = self._parts.spaces.card(self.space, commit)
            try:
                return self._parts.builder.build(
                    self._parts.spaces.repo(self.space), self._paths.folder, commit, card, work
                )
            except BuildFailed as error:
                work.say(error.message)
                raise

        task = asyncio.ensure_future(asyncio.to_thread(build))
        try:
            self._build = await asyncio.shield(task)
        except asyncio.CancelledError:
            work.stop()
            await asyncio.gather(task, return_exceptions=True)
            raise
        return self._build

    async def _start_replica(self, build: Build) -> RunningReplica:
        """Raises `InvalidInput`, `DidNotStart`."""
        environment = self._parts.environment.of(self.space, self._paths, build)
        return await self._parts.replicas.start(self._paths, build, environment)

    async def _add_another(self, commit: str) -> None:
        """Start one more replica beside those that run."""
        try:
            if self._failures > 0:
                await asyncio.sleep(2.0 ** (self._failures - 1))
            build = self._build
            if build is None or build.commit != commit:
                build = await self._make_build(commit)
            replica = await self._start_replica(build)
        except (BuildFailed, InvalidInput, DidNotStart) as error:
            self._failures += 1
            logger.warning("%s: another replica did not start: %s", self.space.full_name, error.message)
            return
        if self.replicas and self.replicas[0].commit == commit:
            self._add(replica)
        else:
            await self._parts.replicas.stop(self._paths, replica)

    def _added(self, task: asyncio.Task[None]) -> None:
        self._adding.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self.fill()
        else:
            logger.error("%s: another replica could not be started: %r", self.space.full_name, error)

    def _add(self, replica: RunningReplica) -> None:
        """From now on it gets requests."""
        self._running.append(replica)
        if replica.note and self._pipe is not None:
            self._pipe.say(replica.note)
        replica.watch(functools.partial(self._ended, replica))
        self._replicas_changed()

    def _replicas_changed(self) -> None:
        self.replicas = tuple(one.record for one in self._running)
        if self._parts.on_replicas_changed is not None:
            self._parts.on_replicas_changed(self.space)

    def _open_pipe(self) -> None:
        """Read what its app prints."""
        self._paths.make()
        if self._pipe is None:
            self._pipe = Pipe(self._paths.output, Log(self._paths.run_log))

    # Ending

    def _stop(self, stage: str) -> Coroutine[Any, Any, None]:
        """Stop routing to the Space; await the result to know that its processes have exited."""
        self._stage = stage
        running, self._running = self._running, []
        pipe, self._pipe = self._pipe, None
        if running:
            self._replicas_changed()
        if self._sleep_timer is not None:
            self._sleep_timer.cancel()
        adding = list(self._adding)
        for task in adding:
            task.cancel()
        for one in running:
            one.unwatch()
        return self._stopped(running, adding, pipe)

    async def _stopped(
        self, running: list[RunningReplica], adding: list[asyncio.Task[None]], pipe: Pipe | None
    ) -> None:
        stops = [self._parts.replicas.stop(self._paths, one) for one in running]
        await asyncio.gather(*stops, *adding, return_exceptions=True)
        if pipe is not None:
            pipe.close(time.time())

    async def _retire(self, replica: RunningReplica) -> None:
        """Let what runs on a replica of an older revision end, then stop it."""
        self._parts.retiring[replica] = self.space.id
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(replica.idle.wait(), _RETIRE_S)
        del self._parts.retiring[replica]
        await self._parts.replicas.stop(self._paths, replica)

    def _ended(self, replica: RunningReplica, reason: str) -> None:
        """Replace a replica that ended by itself: at once if there are others, else with the next request.

        The more often replicas end, the later the next one starts.
        """
        replica.unwatch()
        if replica not in self._running:
            return
        if reason and self._pipe is not None:
            self._pipe.say(reason)
        steady = time.monotonic() - replica.since > _STEADY_S
        self._failures = 1 if steady else self._failures + 1
        if len(self._running) > 1 or self._is_starting:
            self._running.remove(replica)
            self._replicas_changed()
            self._parts.run_in_background(self._parts.replicas.stop(self._paths, replica))
            self.fill()
            return
        stage = "STOPPED" if self._failures < _MAX_FAILURES else "RUNTIME_ERROR"
        self._parts.run_in_background(self._stop(stage))
        if stage == "RUNTIME_ERROR":
            self._break("The app ended by itself, again and again. Its run log says more.")

    def _break(self, error: str) -> None:
        """Keep why it does not run: nothing starts it again until its owner changes something."""
        self._error = error
        self._paths.broken.write_bytes(msgspec.json.encode(Broken(self._stage, error, self._commit)))

    # Sleep

    def _is_awake(self) -> None:
        self.used_at = time.monotonic()
        self._sleep_later()

    def _sleep_later(self) -> None:
        if self._sleep_timer is not None:
            self._sleep_timer.cancel()
        after = self.sleep_s()
        if after >= 0:
            left = after - (time.monotonic() - self.used_at)
            self._sleep_timer = asyncio.get_running_loop().call_later(max(left, 0.1), self._sleep)

    def _sleep(self) -> None:
        if not self.replicas:
            return
        if self.open or self._is_starting or time.monotonic() - self.used_at < self.sleep_s():
            self._sleep_later()
        else:
            self._parts.run_in_background(self._stop("SLEEPING"))

    # Its record

    def _head(self) -> str | None:
        return self._parts.spaces.head(self.space)

    def _is_trusted(self) -> bool:
        return self._parts.limits.trusts or self._parts.spaces.is_admins(self.space)

    def _desired_by(self, commit: str | None) -> int:
        return max(1, min(self._parts.spaces.options(self.space, commit).replicas, self._parts.limits.replicas))
