"""The replicas of all Spaces: built, started on demand, watched, put to sleep; adopted after a crash of the hub.

One task a Space does one thing after the other; whoever needs the Space waits for it. Stages have the Hub's names.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from spaceport.errors import InvalidInput, SpaceUnavailable
from spaceport.hub.builds import Build, Builder, BuildFailed, NoAppFile
from spaceport.hub.layout import Layout
from spaceport.hub.logs import Log, Pipe
from spaceport.hub.spaces import Spaces
from spaceport.hub.values import Values
from spaceport.runner import LocalRunner, Replica, ReplicaSpec
from spaceport.store.hub import SpaceRow

logger = logging.getLogger("spaceport.hub")

_NOT_TRUSTED = (
    "This hub runs the Spaces of its admins only, because nothing isolates others from it here. Its operator can start "
    "it with --trust-spaces."
)
_PAUSED = "The Space is paused: its owner can restart it."
_LOOK_S = 0.05
_FAILURES = 5
"""How often in a row a replica may end by itself soon after its start; then it is a RUNTIME_ERROR."""
_STEADY_S = 60.0
_BROKEN = ("BUILD_ERROR", "CONFIG_ERROR", "RUNTIME_ERROR", "NO_APP_FILE", "PAUSED")


@dataclass(frozen=True)
class FleetLimits:
    """`start_s`: how long a replica may take to listen; `sleep_s`: without a request, until it is stopped."""

    start_s: float = 300.0
    sleep_s: float = 3600.0
    memory: int = 0
    processes: int = 0
    trusts: bool = False
    """Whether Spaces of others than admins run: nothing isolates them from the hub yet."""


class Place(msgspec.Struct, frozen=True):
    """A replica that listens, as its note on disk says. Each start has an `epoch` of its own."""

    pid: int
    begun: int
    port: int
    epoch: str
    commit: str
    ours: bool


@dataclass(slots=True)
class Running:
    """What is known of a Space that was asked for since the hub started."""

    stage: str = "STOPPED"
    error: str | None = None
    commit: str | None = None
    place: Place | None = None
    replica: Replica | None = None
    started_at: float = 0.0
    used_at: float = 0.0
    failures: int = 0
    starting: asyncio.Task[None] | None = None
    open: int = 0
    """Requests and calls on their way."""
    watched: int | None = None
    """The descriptor that tells of its end."""
    pipe: Pipe | None = None
    """What it prints."""
    sleeper: asyncio.TimerHandle | None = None


class Fleet:
    """`arrived` is awaited for each replica that listens, before anybody gets to know of it."""

    def __init__(self, spaces: Spaces, values: Values, data: Path, limits: FleetLimits) -> None:
        self._spaces = spaces
        self._values = values
        self._data = data
        self._limits = limits
        self._builder = Builder(data)
        self._runner = LocalRunner()
        self._running: dict[int, Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.arrived: Callable[[SpaceRow, Place], Awaitable[None]] | None = None
        self.address = ""
        """Where the hub is for its Spaces."""

    def begin(self) -> None:
        """In the running loop: take over the replicas of a hub that was killed, and end those that nobody needs."""
        spaces = {space.folder: space for space in self._spaces.all()}
        for path in self._data.glob(f"spaces/*/{Layout.NOTE}"):
            try:
                place = msgspec.json.decode(path.read_bytes(), type=Place)
            except (OSError, msgspec.DecodeError):
                path.unlink(missing_ok=True)
                continue
            replica = self._runner.adopt(place.pid, place.begun)
            space = spaces.get(f"spaces/{path.parent.name}")
            if replica is None or space is None or not _listening(place.port):
                path.unlink(missing_ok=True)
                self._runner.stop(replica or Replica(place.pid, place.begun))
                continue
            running = self._running[space.id] = Running("RUNNING", None, place.commit, place, replica)
            self._listen(self._layout(space), running)
            self._watch(space, running, replica)
            self._is_up(space, running)

    async def end(self) -> None:
        """Stop everything."""
        for running in self._running.values():
            if running.starting is not None:
                running.starting.cancel()
        for task in self._tasks:
            task.cancel()
        found = {space.id: space for space in self._spaces.all()}
        await asyncio.gather(
            *(self._stop(found[key], one, "STOPPED") for key, one in self._running.items() if key in found)
        )

    def stage(self, space: SpaceRow) -> tuple[str | None, str | None]:
        """The stage of a Space that was started here, and why it cannot run; None: it never was."""
        running = self._running.get(space.id)
        if running is None:
            return ("PAUSED", _PAUSED) if self._spaces.is_paused(space) else (None, None)
        return running.stage, running.error

    def up(self, space: SpaceRow) -> Place | None:
        """Its replica, if one of the newest revision listens."""
        running = self._running.get(space.id)
        if running is None or running.place is None or running.place.commit != self._spaces.head(space):
            return None
        return running.place

    def check(self, space: SpaceRow) -> None:
        """Raise `SpaceUnavailable` for a Space that cannot run as it is."""
        if not self._limits.trusts and not self._spaces.is_admins(space):
            raise SpaceUnavailable(_NOT_TRUSTED, 600)
        running = self._running.get(space.id)
        if running is None and self._spaces.is_paused(space):
            raise SpaceUnavailable(_PAUSED, 60)
        if running is not None and running.stage in _BROKEN and running.commit == self._spaces.head(space):
            raise SpaceUnavailable(running.error or f"The Space is {running.stage}.", 60)

    async def place(self, space: SpaceRow) -> Place:
        """A replica of the Space's newest revision, once it listens; a sleeping one wakes.

        Raises `SpaceUnavailable` for one that cannot run.
        """
        self.check(space)
        running = self._running.setdefault(space.id, Running())
        running.used_at = time.monotonic()
        if running.starting is None or running.starting.done():
            commit = self._spaces.head(space)
            if running.place is not None and running.place.commit == commit:
                return running.place
            if running.starting is None or running.starting.done():
                running.starting = asyncio.create_task(self._start(space, running, commit))
        starting = running.starting
        await asyncio.wait([starting])
        if not starting.cancelled():
            starting.result()
        if running.place is None:
            raise SpaceUnavailable(running.error or "The Space does not run.", 60 if running.error else 1)
        return running.place

    def lost(self, space: SpaceRow, place: Place) -> bool:
        """Whether this replica is gone, or about to be: its address led nowhere."""
        running = self._running.get(space.id)
        if running is None or running.place != place or running.replica is None:
            return True
        return self._runner.ended(running.replica)

    async def restart(self, space: SpaceRow) -> None:
        """Stop it; the next request starts it afresh."""
        self._spaces.set_paused(space, paused=False)
        await self._halt(space, "STOPPED")

    async def pause(self, space: SpaceRow) -> None:
        """Stop it until somebody restarts it."""
        self._spaces.set_paused(space, paused=True)
        await self._halt(space, "PAUSED", _PAUSED)

    async def changed(self, space: SpaceRow) -> None:
        """Its variables or secrets have: one that runs does so afresh with the next request."""
        running = self._running.get(space.id)
        if running is not None and running.stage != "PAUSED":
            await self._halt(space, "STOPPED")

    async def remove(self, space: SpaceRow) -> None:
        await self._halt(space, "STOPPED")
        self._running.pop(space.id, None)

    async def _halt(self, space: SpaceRow, stage: str, error: str | None = None) -> None:
        running = self._running.setdefault(space.id, Running())
        if running.starting is not None:
            running.starting.cancel()
            await asyncio.gather(running.starting, return_exceptions=True)
        await self._stop(space, running, stage)
        running.error, running.failures = error, 0
        running.commit = await asyncio.to_thread(self._spaces.head, space)

    async def _start(self, space: SpaceRow, running: Running, commit: str | None) -> None:
        if running.commit != commit:
            running.failures = 0
        await self._stop(space, running, "BUILDING")
        running.commit, running.error = commit, None
        if commit is None:
            running.stage, running.error = "NO_APP_FILE", "The Space has no files yet."
            return
        try:
            build = await asyncio.to_thread(self._build, space, commit)
        except BuildFailed as error:
            running.stage = "NO_APP_FILE" if isinstance(error, NoAppFile) else "BUILD_ERROR"
            running.error = error.message
            return
        running.stage = "APP_STARTING"
        if running.failures > 1:
            await asyncio.sleep(2.0 ** (running.failures - 2))
        port = _free_port()
        try:
            spec = self._spec(space, build, port)
        except InvalidInput as error:
            running.stage, running.error = "CONFIG_ERROR", error.message
            return
        layout = self._layout(space)
        layout.run_log.unlink(missing_ok=True)
        self._listen(layout, running)
        replica = await asyncio.to_thread(self._runner.start, spec)
        place = Place(replica.pid, replica.begun, port, secrets.token_hex(8), commit, build.ours)
        running.replica, running.started_at = replica, time.monotonic()
        layout.note.write_bytes(msgspec.json.encode(place))
        if not await self._listens(replica, port):
            ended = self._runner.ended(replica)
            why = "it ended" if ended else f"nothing listened on port {port} within {self._limits.start_s:g} s"
            await self._stop(space, running, "RUNTIME_ERROR")
            running.error = f"The app did not start: {why}. Its run log says more."
            return
        if self.arrived is not None:
            await self.arrived(space, place)
        running.place, running.stage = place, "RUNNING"
        self._watch(space, running, replica)
        self._is_up(space, running)

    def _listen(self, layout: Layout, running: Running) -> None:
        """To what it prints."""
        if running.pipe is None:
            running.pipe = Pipe(layout.output, Log(layout.run_log))

    def _is_up(self, space: SpaceRow, running: Running) -> None:
        running.used_at = time.monotonic()
        self._sleep_later(space, running)

    def _build(self, space: SpaceRow, commit: str) -> Build:
        layout = self._layout(space)
        layout.build_log.unlink(missing_ok=True)
        log = Log(layout.build_log)
        try:
            return self._builder.build(
                self._spaces.repo(space), layout.folder, commit, self._spaces.card(space, commit), log
            )
        except BuildFailed as error:
            log.add(f"{error.message}\n".encode(), time.time())
            raise

    def _spec(self, space: SpaceRow, build: Build, port: int) -> ReplicaSpec:
        layout = self._layout(space)
        layout.make()
        environment = {
            "PATH": f"{build.python.parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(layout.home),
            "TMPDIR": str(layout.temporary),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HF_ENDPOINT": self.address,
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_TEMP_DIR": str(layout.files),
            "SPACEPORT_DURABILITY": "memory",
            "SPACEPORT_UPLOADS_DIR": str(layout.uploads),
            "SPACE_ID": space.full_name,
            "SPACE_AUTHOR_NAME": space.owner,
            "SPACE_REPO_NAME": space.name,
            "SPACE_TITLE": str(self._spaces.card(space, build.commit).get("title") or space.name),
        }
        environment = {**self._values.environment(space), **environment}
        command = [str(build.python), build.app_file]
        if build.ours:
            command = [str(build.python), "-m", "spaceport.cli.main", "run", build.app_file]
        limits = self._limits
        return ReplicaSpec(command, build.folder, environment, layout.output, limits.memory, limits.processes)

    async def _listens(self, replica: Replica, port: int) -> bool:
        """Whether the app answers on its port before it ends or the time is up."""
        deadline = time.monotonic() + self._limits.start_s
        while time.monotonic() < deadline:
            if self._runner.ended(replica):
                return False
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return True
            await asyncio.sleep(_LOOK_S)
        return False

    async def _stop(self, space: SpaceRow, running: Running, stage: str) -> None:
        replica, running.replica, running.place = running.replica, None, None
        running.stage = stage
        self._unwatch(running)
        if running.sleeper is not None:
            running.sleeper.cancel()
        if replica is not None:
            await asyncio.to_thread(self._runner.stop, replica)
            self._layout(space).note.unlink(missing_ok=True)
        if running.pipe is not None:
            running.pipe.close(time.time())
            running.pipe = None

    # The end of a replica

    def _watch(self, space: SpaceRow, running: Running, replica: Replica) -> None:
        try:
            running.watched = self._runner.watch(replica)
        except OSError:  # it is gone already
            self._ended(space, running)
            return
        asyncio.get_running_loop().add_reader(running.watched, self._ended, space, running)

    def _unwatch(self, running: Running) -> None:
        if running.watched is not None:
            asyncio.get_running_loop().remove_reader(running.watched)
            os.close(running.watched)
            running.watched = None

    def _ended(self, space: SpaceRow, running: Running) -> None:
        """A replica ended by itself. Whoever needs it next starts another; not at once when that happens often."""
        self._unwatch(running)
        steady = time.monotonic() - running.started_at > _STEADY_S
        running.failures = 1 if steady else running.failures + 1
        stage = "STOPPED" if running.failures < _FAILURES else "RUNTIME_ERROR"
        if stage == "RUNTIME_ERROR":
            running.error = "The app ended by itself, again and again. Its run log says more."
        self._do(self._stop(space, running, stage))

    # Sleep

    def _sleep_later(self, space: SpaceRow, running: Running) -> None:
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
        if running is not None and running.place is not None:
            self._sleep_later(space, running)

    def _sleep(self, space: SpaceRow, running: Running) -> None:
        if running.place is None:
            return
        if running.open or time.monotonic() - running.used_at < self.sleep_s(space):
            self._sleep_later(space, running)
        else:
            self._do(self._stop(space, running, "SLEEPING"))

    @contextlib.contextmanager
    def used(self, space: SpaceRow) -> Iterator[None]:
        """While a request is on its way the Space stays awake."""
        running = self._running.setdefault(space.id, Running())
        running.open += 1
        try:
            yield
        finally:
            running.open -= 1
            running.used_at = time.monotonic()

    def _do(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _layout(self, space: SpaceRow) -> Layout:
        return Layout(self._data / space.folder)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
