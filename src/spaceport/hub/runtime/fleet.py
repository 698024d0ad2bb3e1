"""The Spaces that run: built, started on demand or with a commit, kept at their number of replicas, put to sleep.

One task a Space does one thing after the other; whoever needs the Space waits for it. What runs goes on until its next
revision listens. Stages have the Hub's names.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from spaceport.errors import InvalidInput, SpaceUnavailable
from spaceport.hub.runtime.builder import Build, Builder, BuildFailed, NoAppFile, Work
from spaceport.hub.runtime.logs import Log, Pipe
from spaceport.hub.runtime.replicas import DidNotStart, ReplicaRecord, Replicas, RunningReplica
from spaceport.hub.spaces.directory import Spaces
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.hub.spaces.variables import SpaceVariables
from spaceport.store.hub.sqlite import SpaceRow

logger = logging.getLogger("spaceport.hub")

_NOT_TRUSTED = (
    "This hub runs the Spaces of its admins only, because nothing isolates others from it here. Its operator can start "
    "it with --trust-spaces."
)
_PAUSED = "The Space is paused: its owner can restart it."
_FAILURES = 5
"""How often in a row a replica may end by itself soon after its start; then it is a RUNTIME_ERROR."""
_STEADY_S = 60.0
_RETIRE_S = 60.0
"""How long what runs on a replica of an older revision may take to end."""
_BROKEN = ("BUILD_ERROR", "CONFIG_ERROR", "RUNTIME_ERROR", "NO_APP_FILE", "PAUSED")


@dataclass(frozen=True)
class FleetLimits:
    """`start_s`: how long a replica may take to listen; `sleep_s`: without a request, until it is stopped; `processes`:
    of one replica at most; `replicas`: of one Space."""

    start_s: float = 300.0
    sleep_s: float = 3600.0
    memory: int = 0
    processes: int = 1024
    replicas: int = 4
    trusts: bool = False
    """Whether Spaces of others than admins run: nothing isolates them from the hub yet."""


class _CannotRun(Exception):
    """A revision that came to nothing."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage, self.message = stage, message


class Broken(msgspec.Struct, frozen=True):
    """Why a revision does not run, as a file says after a restart of the hub."""

    stage: str
    error: str
    commit: str | None


@dataclass(slots=True)
class SpaceRuntime:
    """What is known of a Space that was asked for since the hub started."""

    stage: str = "STOPPED"
    error: str | None = None
    commit: str | None = None
    """The revision that runs, is being made to, or could not."""
    lives: list[RunningReplica] = field(default_factory=list)
    places: tuple[ReplicaRecord, ...] = ()
    """Of `lives`."""
    wanted: int = 1
    """How many replicas."""
    build: Build | None = None
    used_at: float = 0.0
    failures: int = 0
    starting: asyncio.Task[None] | None = None
    queued: bool = False
    """It starts because of a commit, and others do so first."""
    filling: set[asyncio.Task[None]] = field(default_factory=set)
    """Replicas on their way beside the first."""
    open: int = 0
    """Requests and calls on their way."""
    pipe: Pipe | None = None
    """What it prints."""
    sleeper: asyncio.TimerHandle | None = None

    @property
    def is_starting(self) -> bool:
        return self.starting is not None and not self.starting.done()


class _Used:
    __slots__ = ("_busy", "_running")

    def __init__(self, running: SpaceRuntime, busy: list[RunningReplica]) -> None:
        self._running = running
        self._busy = busy

    def __enter__(self) -> None:
        self._running.open += 1
        for live in self._busy:
            live.open += 1
            live.taken += 1
            live.at_rest.clear()

    def __exit__(self, *_: object) -> None:
        self._running.open -= 1
        for live in self._busy:
            live.open -= 1
            if not live.open:
                live.at_rest.set()
        self._running.used_at = time.monotonic()


class Fleet:
    """`arrived` is awaited for the first replica of a revision, before anybody gets to know of it; `moved` is called
    when a Space has other replicas than before."""

    def __init__(self, spaces: Spaces, values: SpaceVariables, data: Path, limits: FleetLimits) -> None:
        self._spaces = spaces
        self._values = values
        self._data = data
        self._limits = limits
        self._builder = Builder(data)
        self._replicas = Replicas(data, limits.start_s, limits.memory, limits.processes)
        self._guard: asyncio.Task[None] | None = None
        self._running: dict[int, SpaceRuntime] = {}
        self._tasks: set[asyncio.Future[None]] = set()
        self._retiring: dict[RunningReplica, SpacePaths] = {}
        self._turns = asyncio.Semaphore(max(2, os.cpu_count() or 1))
        """Of starts that nobody waits for."""
        self.arrived: Callable[[SpaceRow, ReplicaRecord], Awaitable[None]] | None = None
        self.moved: Callable[[SpaceRow], None] | None = None
        self.address = ""
        self.stopping = False
        """Where the hub is for its Spaces."""

    def begin(self) -> None:
        """In the running loop: take over the replicas of a hub that was killed, and end those that nobody needs."""
        self._guard = asyncio.create_task(self._replicas.guard())
        spaces = {(self._data / space.folder): space for space in self._spaces.all()}
        for layout, live in self._replicas.noted():
            space = spaces.get(layout.folder)
            if space is None or live.place.commit != self._spaces.head(space):
                self._do(self._replicas.stop(layout, live))
                continue
            running = self._running.setdefault(space.id, SpaceRuntime("RUNNING", None, live.place.commit))
            running.wanted = self._wanted(space, live.place.commit)
            self._listen(layout, running)
            self._join(space, running, live)
            self._is_up(space, running)
        for path in self._data.glob(f"spaces/*/{SpacePaths.BROKEN}"):
            with contextlib.suppress(OSError, msgspec.DecodeError):
                broken, space = msgspec.json.decode(path.read_bytes(), type=Broken), spaces.get(path.parent)
                if space is not None and broken.commit == self._spaces.head(space):
                    self._running.setdefault(space.id, SpaceRuntime(broken.stage, broken.error, broken.commit))
        for space in spaces.values():
            if space.id in self._running:
                self._fill(space, self._running[space.id])

    async def end(self) -> None:
        """Stop everything."""
        if self._guard is not None:
            self._guard.cancel()
        for running in self._running.values():
            if running.starting is not None:
                running.starting.cancel()
        for live in self._retiring:
            live.at_rest.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        found = {space.id: space for space in self._spaces.all()}
        await asyncio.gather(
            *(self._halt(found[key], one, "STOPPED") for key, one in self._running.items() if key in found)
        )

    # What there is

    def stage(self, space: SpaceRow) -> tuple[str | None, str | None]:
        """The stage of a Space that was started here, and why it cannot run; None: it never was."""
        if space.sdk == "static":
            return None, None
        running = self._running.get(space.id)
        if running is None:
            if not self._trusts(space):
                return "CONFIG_ERROR", _NOT_TRUSTED
            return ("PAUSED", _PAUSED) if self._spaces.is_paused(space) else (None, None)
        if running.places and running.stage in ("BUILDING", "APP_STARTING"):
            return f"RUNNING_{running.stage}", None
        return running.stage, running.error

    def knows(self, space: SpaceRow) -> bool:
        """Whether it was started, or found broken, since the hub was."""
        return space.id in self._running

    def up(self, space: SpaceRow) -> tuple[ReplicaRecord, ...]:
        """Its replicas that listen: of the newest revision, or of the one before while that is being started."""
        running = self._running.get(space.id)
        return () if running is None else running.places

    def serving(self, space: SpaceRow) -> str | None:
        """The revision that answers, or would if somebody asked."""
        running = self._running.get(space.id)
        return running.places[0].commit if running is not None and running.places else self._spaces.head(space)

    def wanted(self, space: SpaceRow) -> int:
        """How many replicas it has when it is awake."""
        running = self._running.get(space.id)
        return running.wanted if running is not None and running.places else self._wanted(space, self.serving(space))

    def _wanted(self, space: SpaceRow, commit: str | None) -> int:
        return max(1, min(self._spaces.options(space, commit).replicas, self._limits.replicas))

    def check(self, space: SpaceRow) -> None:
        """Raise `SpaceUnavailable` for a Space that cannot run as it is."""
        if not self._trusts(space):
            raise SpaceUnavailable(_NOT_TRUSTED, 600)
        running = self._running.get(space.id)
        if (running is None or running.stage == "PAUSED") and self._spaces.is_paused(space):
            raise SpaceUnavailable(_PAUSED, 60)
        if running is not None and running.stage in _BROKEN and running.commit == self._spaces.head(space):
            raise SpaceUnavailable(running.error or f"The Space is {running.stage}.", 60)

    def _trusts(self, space: SpaceRow) -> bool:
        return self._limits.trusts or self._spaces.is_admins(space)

    def used(self, space: SpaceRow, place: ReplicaRecord | None = None) -> _Used:
        """To be entered: while a request is on its way the Space stays awake; `place`: where it is."""
        running = self._running.get(space.id)
        if running is None:
            running = self._running[space.id] = SpaceRuntime()
        return _Used(running, [] if place is None else [live for live in running.lives if live.place == place])

    async def place(self, space: SpaceRow, epoch: str = "") -> ReplicaRecord:
        """A replica that listens: the one of that epoch, else the one with least to do; a sleeping Space wakes.

        Raises `SpaceUnavailable` for one that cannot run.
        """
        self.check(space)
        if space.sdk == "static":
            raise SpaceUnavailable(f"{space.full_name} is a static page: it has no app.", 600)
        running = self._running.setdefault(space.id, SpaceRuntime())
        running.used_at = time.monotonic()
        while True:
            if running.places and (running.is_starting or running.commit == self._spaces.head(space)):
                found = [live for live in running.lives if live.place.epoch == epoch]
                return (found or [min(running.lives, key=lambda live: live.load)])[0].place
            if not running.is_starting or running.queued:
                self._begin(space, running)
            starting = running.starting
            assert starting is not None
            await asyncio.wait([starting])
            if starting is running.starting:
                break
        if not starting.cancelled():
            starting.result()
        if not running.places:
            raise SpaceUnavailable(running.error or "The Space does not run.", 60 if running.error else 1)
        return running.places[0]

    # What is asked of it

    def committed(self, space: SpaceRow) -> None:
        """Its newest revision is built and started; what runs of the one before goes on until then."""
        if space.sdk == "static" or not self._trusts(space) or self._spaces.is_paused(space):
            return
        running = self._running.setdefault(space.id, SpaceRuntime())
        running.used_at = time.monotonic()
        self._begin(space, running, waits=True)

    async def restart(self, space: SpaceRow) -> None:
        """Stop it, and start it afresh."""
        self._spaces.set_paused(space, paused=False)
        await self._halted(space, "STOPPED")
        self.committed(space)

    async def pause(self, space: SpaceRow) -> None:
        """Stop it until somebody restarts it."""
        self._spaces.set_paused(space, paused=True)
        await self._halted(space, "PAUSED", _PAUSED)

    async def changed(self, space: SpaceRow) -> None:
        """Its variables or secrets have: one that runs, or cannot, does so afresh."""
        running = self._running.get(space.id)
        if running is None or running.stage == "PAUSED":
            return
        asleep = running.stage in ("STOPPED", "SLEEPING")
        await self._halted(space, "STOPPED")
        if not asleep:
            self.committed(space)

    async def remove(self, space: SpaceRow) -> None:
        await self._halted(space, "STOPPED")
        self._running.pop(space.id, None)

    async def _halted(self, space: SpaceRow, stage: str, error: str | None = None) -> None:
        running = self._running.setdefault(space.id, SpaceRuntime())
        await self._halt(space, running, stage)
        running.error, running.failures = error, 0
        self._layout(space).broken.unlink(missing_ok=True)
        running.commit = await asyncio.to_thread(self._spaces.head, space)

    async def _halt(self, space: SpaceRow, running: SpaceRuntime, stage: str) -> None:
        if running.starting is not None:
            running.starting.cancel()
            await asyncio.gather(running.starting, return_exceptions=True)
        for live, layout in self._retiring.items():
            if layout == self._layout(space):
                live.at_rest.set()
        await self._stop(space, running, stage)

    # Starting

    def _begin(self, space: SpaceRow, running: SpaceRuntime, *, waits: bool = False) -> None:
        """Of the newest revision; what was being started of an older one is given up. `waits`: for its turn."""
        before = running.starting
        if before is not None:
            before.cancel()
        commit = self._spaces.head(space)
        if running.commit != commit:
            running.failures = 0
        running.commit, running.error, running.stage, running.queued = commit, None, "BUILDING", waits
        self._layout(space).broken.unlink(missing_ok=True)

        async def start() -> None:
            if before is not None:
                await asyncio.gather(before, return_exceptions=True)
            if waits:
                async with self._turns:
                    running.queued = False
                    await self._start(space, running, commit)
            else:
                await self._start(space, running, commit)

        running.starting = asyncio.create_task(start())

    async def _start(self, space: SpaceRow, running: SpaceRuntime, commit: str | None) -> None:
        """To the first replica that listens."""
        running.stage = "BUILDING"
        if not running.lives:
            await self._stop(space, running, "BUILDING")  # what else there may be of it
        layout = self._layout(space)
        live: RunningReplica | None = None
        try:
            live = await self._first(space, running, commit)
            running.wanted = await asyncio.to_thread(self._wanted, space, commit)
            if self.arrived is not None:
                await self.arrived(space, live.place)
        except BaseException as error:
            if live is not None:
                await asyncio.shield(self._replicas.stop(layout, live))
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, _CannotRun):
                logger.exception("%s could not be started", space.full_name)
                error = _CannotRun("RUNTIME_ERROR", "The hub could not start it. The hub's own log says why.")
            await self._stop(space, running, error.stage)
            self._broke(space, running, error.message)
            return
        old, running.lives = running.lives, []
        for one in old:
            self._replicas.unwatch(one)
            self._do(self._retire(layout, one))
        running.stage = "RUNNING"
        self._join(space, running, live)
        self._is_up(space, running)
        self._fill(space, running)

    async def _retire(self, layout: SpacePaths, live: RunningReplica) -> None:
        """What runs there may end; what comes now goes elsewhere."""
        self._retiring[live] = layout
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(live.at_rest.wait(), _RETIRE_S)
        del self._retiring[live]
        await self._replicas.stop(layout, live)

    async def _first(self, space: SpaceRow, running: SpaceRuntime, commit: str | None) -> RunningReplica:
        """Raises `_CannotRun`."""
        if commit is None:
            raise _CannotRun("NO_APP_FILE", "The Space has no files yet.")
        layout = self._layout(space)
        try:
            build = running.build = await self._built(space, commit)
            running.stage = "APP_STARTING"
            if running.failures > 1:
                await asyncio.sleep(2.0 ** (running.failures - 2))
            environment = self._environment(space, build)
            layout.run_log.unlink(missing_ok=True)
            self._listen(layout, running)
            return await self._replicas.start(layout, build, environment)
        except NoAppFile as error:
            raise _CannotRun("NO_APP_FILE", error.message) from error
        except BuildFailed as error:
            raise _CannotRun("BUILD_ERROR", error.message) from error
        except InvalidInput as error:
            raise _CannotRun("CONFIG_ERROR", error.message) from error
        except DidNotStart as error:
            raise _CannotRun("RUNTIME_ERROR", error.message) from error

    async def _built(self, space: SpaceRow, commit: str) -> Build:
        layout = self._layout(space)
        layout.build_log.unlink(missing_ok=True)
        work = Work(Log(layout.build_log))

        def build() -> Build:
            card = self._spaces.card(space, commit)
            try:
                return self._builder.build(self._spaces.repo(space), layout.folder, commit, card, work)
            except BuildFailed as error:
                work.say(error.message)
                raise

        task = asyncio.ensure_future(asyncio.to_thread(build))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            work.end()
            await asyncio.gather(task, return_exceptions=True)
            raise

    def _listen(self, layout: SpacePaths, running: SpaceRuntime) -> None:
        """To what it prints."""
        layout.make()
        if running.pipe is None:
            running.pipe = Pipe(layout.output, Log(layout.run_log))

    def _join(self, space: SpaceRow, running: SpaceRuntime, live: RunningReplica) -> None:
        """One more that serves."""
        running.lives.append(live)
        self._replicas.watch(live, lambda: self._ended(space, running, live))
        self._placed(space, running)

    def _placed(self, space: SpaceRow, running: SpaceRuntime) -> None:
        running.places = tuple(live.place for live in running.lives)
        if self.moved is not None:
            self.moved(space)

    def _fill(self, space: SpaceRow, running: SpaceRuntime) -> None:
        """Start what is missing of its replicas; later, when they keep ending."""
        if not running.lives or running.failures >= _FAILURES:
            return
        for _ in range(running.wanted - len(running.lives) - len(running.filling)):
            task = asyncio.create_task(self._one_more(space, running, running.places[0].commit))
            running.filling.add(task)
            task.add_done_callback(functools.partial(self._filled, space, running))

    def _filled(self, space: SpaceRow, running: SpaceRuntime, task: asyncio.Task[None]) -> None:
        running.filling.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._fill(space, running)
        else:
            logger.error("%s: one more replica: %r", space.full_name, error)

    async def _one_more(self, space: SpaceRow, running: SpaceRuntime, commit: str) -> None:
        try:
            if running.failures > 0:
                await asyncio.sleep(2.0 ** (running.failures - 1))
            if running.build is None or running.build.commit != commit:
                running.build = await self._built(space, commit)
            layout = self._layout(space)
            live = await self._replicas.start(layout, running.build, self._environment(space, running.build))
        except (BuildFailed, InvalidInput, DidNotStart) as error:
            running.failures += 1
            logger.warning("%s: one more replica: %s", space.full_name, error.message)
            return
        if running.places and running.places[0].commit == commit:
            self._join(space, running, live)
        else:
            await self._replicas.stop(layout, live)

    def _is_up(self, space: SpaceRow, running: SpaceRuntime) -> None:
        running.used_at = time.monotonic()
        self._sleep_later(space, running)

    def _environment(self, space: SpaceRow, build: Build) -> dict[str, str]:
        """Raises `InvalidInput` for secrets that cannot be read."""
        layout = self._layout(space)
        own = {
            "PATH": f"{build.python.parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(layout.home),
            "TMPDIR": str(layout.temporary),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HF_ENDPOINT": self.address,
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_TEMP_DIR": str(layout.files),
            "SPACEPORT_DURABILITY": "memory",
            "SPACEPORT_LINK": "1",
            "SPACEPORT_LOG_FORMAT": "console",
            "SPACEPORT_UPLOADS_DIR": str(layout.uploads),
            "SPACE_ID": space.full_name,
            "SPACE_AUTHOR_NAME": space.owner,
            "SPACE_REPO_NAME": space.name,
            "SPACE_TITLE": str(self._spaces.card(space, build.commit).get("title") or space.name),
        }
        return {**self._values.environment(space), **own}

    # Ending

    def _stop(self, space: SpaceRow, running: SpaceRuntime, stage: str) -> Coroutine[Any, Any, None]:
        """All of it: nobody is sent there from now on; what is returned is over when it is gone."""
        running.stage = stage
        lives, running.lives = running.lives, []
        pipe, running.pipe = running.pipe, None
        if lives:
            self._placed(space, running)
        if running.sleeper is not None:
            running.sleeper.cancel()
        filling = list(running.filling)
        for task in filling:
            task.cancel()
        for live in lives:
            self._replicas.unwatch(live)
        return self._gone(self._layout(space), lives, filling, pipe)

    async def _gone(
        self, layout: SpacePaths, lives: list[RunningReplica], filling: list[asyncio.Task[None]], pipe: Pipe | None
    ) -> None:
        await asyncio.gather(*(self._replicas.stop(layout, live) for live in lives), *filling, return_exceptions=True)
        if pipe is not None:
            pipe.close(time.time())

    def _ended(self, space: SpaceRow, running: SpaceRuntime, live: RunningReplica) -> None:
        """A replica ended by itself. Another takes its place: at once if there are others, else when it is needed; not
        at once when that happens often."""
        self._replicas.unwatch(live)
        if live not in running.lives:
            return
        steady = time.monotonic() - live.since > _STEADY_S
        running.failures = 1 if steady else running.failures + 1
        if len(running.lives) > 1 or running.is_starting:
            running.lives.remove(live)
            self._placed(space, running)
            self._do(self._replicas.stop(self._layout(space), live))
            self._fill(space, running)
            return
        stage = "STOPPED" if running.failures < _FAILURES else "RUNTIME_ERROR"
        self._do(self._stop(space, running, stage))
        if stage == "RUNTIME_ERROR":
            self._broke(space, running, "The app ended by itself, again and again. Its run log says more.")

    def _broke(self, space: SpaceRow, running: SpaceRuntime, error: str) -> None:
        """It runs no more until its owner does something."""
        running.error = error
        self._layout(space).broken.write_bytes(msgspec.json.encode(Broken(running.stage, error, running.commit)))

    # Sleep

    def _sleep_later(self, space: SpaceRow, running: SpaceRuntime) -> None:
        if running.sleeper is not None:
            running.sleeper.cancel()
        after = self.sleep_s(space)
        if after >= 0:
            left = after - (time.monotonic() - running.used_at)
            running.sleeper = asyncio.get_running_loop().call_later(max(left, 0.1), self._sleep, space, running)

    def sleep_s(self, space: SpaceRow) -> float:
        """Seconds without a request until it sleeps; below 0: never."""
        own = self._spaces.sleep_s(space)
        return self._limits.sleep_s if own is None else own

    def sleep_changed(self, space: SpaceRow) -> None:
        """Its owner has set another time."""
        running = self._running.get(space.id)
        if running is not None and running.places:
            self._sleep_later(space, running)

    def _sleep(self, space: SpaceRow, running: SpaceRuntime) -> None:
        if not running.places:
            return
        if running.open or running.is_starting or time.monotonic() - running.used_at < self.sleep_s(space):
            self._sleep_later(space, running)
        else:
            self._do(self._stop(space, running, "SLEEPING"))

    def _do(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _layout(self, space: SpaceRow) -> SpacePaths:
        return SpacePaths(self._data / space.folder)
