"""The replicas of all Spaces: built, started on demand, watched, put to sleep.

One task a Space does one thing after the other; whoever needs the Space waits for it. Stages have the Hub's names.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spaceport.errors import SpaceUnavailable
from spaceport.hub.builds import Build, Builder, BuildFailed, NoAppFile
from spaceport.hub.spaces import Spaces
from spaceport.runner import LocalRunner, Replica, ReplicaSpec
from spaceport.store.hub import SpaceRow

logger = logging.getLogger("spaceport.hub")

_NOT_TRUSTED = (
    "This hub runs the Spaces of its admins only, because nothing isolates others from it here. Its operator can start "
    "it with --trust-spaces."
)
_NOTE = "replica.pid"
_LOOK_S = 0.2
_SWEEP_S = 5.0
_FAILURES = 3
"""How often a replica may end by itself; then it is a RUNTIME_ERROR."""


@dataclass(frozen=True)
class FleetLimits:
    """`start_s`: how long a replica may take to listen; `sleep_s`: without a request, until it is stopped."""

    start_s: float = 300.0
    sleep_s: float = 3600.0
    memory: int = 0
    processes: int = 0
    trusts: bool = False
    """Whether Spaces of others than admins run: nothing isolates them from the hub yet."""


@dataclass(slots=True)
class Running:
    """What is known of a Space that was asked for since the hub started."""

    stage: str = "STOPPED"
    error: str | None = None
    commit: str | None = None
    port: int | None = None
    replica: Replica | None = None
    used_at: float = 0.0
    failures: int = 0
    starting: asyncio.Task[None] | None = None
    open: int = 0
    """Requests on their way."""


class Fleet:
    def __init__(self, spaces: Spaces, data: Path, limits: FleetLimits) -> None:
        self._spaces = spaces
        self._data = data
        self._limits = limits
        self._builder = Builder(data)
        self._runner = LocalRunner()
        self._running: dict[int, Running] = {}
        self._sweeping: asyncio.Task[None] | None = None
        self.address = ""
        """Where the hub is for its Spaces."""

    def begin(self) -> None:
        """In the running loop: end what a killed hub left, and watch from now on."""
        for note in self._data.glob(f"spaces/*/{_NOTE}"):
            with contextlib.suppress(OSError, ValueError):
                self._runner.end_left(int(note.read_text()), note.parent)
            note.unlink(missing_ok=True)
        self._sweeping = asyncio.create_task(self._sweep())

    async def end(self) -> None:
        """Stop everything."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for running in self._running.values():
            if running.starting is not None:
                running.starting.cancel()
        await asyncio.gather(*(self._stop(running, "STOPPED") for running in self._running.values()))

    def stage(self, space: SpaceRow) -> tuple[str | None, str | None]:
        """The stage of a Space that was started here, and why it cannot run; None: it never was."""
        running = self._running.get(space.id)
        return (None, None) if running is None else (running.stage, running.error)

    async def port(self, space: SpaceRow) -> int:
        """The port of the Space's newest revision, once it listens; a sleeping one wakes.

        Raises `SpaceUnavailable` for one that cannot run.
        """
        if not self._limits.trusts and not self._spaces.is_admins(space):
            raise SpaceUnavailable(_NOT_TRUSTED, 600)
        running = self._running.setdefault(space.id, Running())
        running.used_at = time.monotonic()
        commit = await asyncio.to_thread(self._spaces.head, space)
        if running.port is not None and running.commit == commit and running.stage == "RUNNING":
            return running.port
        if running.starting is None or running.starting.done():
            failed = running.stage in ("BUILD_ERROR", "RUNTIME_ERROR", "NO_APP_FILE", "PAUSED")
            if failed and running.commit == commit:
                raise SpaceUnavailable(running.error or f"The Space is {running.stage}.", 60)
            running.starting = asyncio.create_task(self._start(space, running, commit))
        await asyncio.shield(running.starting)
        if running.port is None:
            raise SpaceUnavailable(running.error or "The Space does not run.", 60)
        return running.port

    async def restart(self, space: SpaceRow) -> None:
        """Stop it; the next request starts it afresh."""
        await self._halt(space, "STOPPED")

    async def pause(self, space: SpaceRow) -> None:
        """Stop it until somebody restarts it."""
        await self._halt(space, "PAUSED", "The Space is paused: its owner can restart it.")

    async def remove(self, space: SpaceRow) -> None:
        await self._halt(space, "STOPPED")
        self._running.pop(space.id, None)

    async def _halt(self, space: SpaceRow, stage: str, error: str | None = None) -> None:
        running = self._running.setdefault(space.id, Running())
        if running.starting is not None:
            running.starting.cancel()
            await asyncio.gather(running.starting, return_exceptions=True)
        await self._stop(running, stage)
        running.error, running.failures = error, 0
        running.commit = await asyncio.to_thread(self._spaces.head, space)

    async def _start(self, space: SpaceRow, running: Running, commit: str | None) -> None:
        await self._stop(running, "BUILDING")
        if running.commit != commit:
            running.failures = 0
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
        port = _free_port()
        running.replica = await asyncio.to_thread(self._runner.start, self._spec(space, build, port))
        (self._place(space) / _NOTE).write_text(str(running.replica.process.pid))
        if await self._listens(running, port):
            running.port, running.stage, running.used_at = port, "RUNNING", time.monotonic()
        else:
            tail = _tail(self._place(space) / "run.log")
            await self._stop(running, "RUNTIME_ERROR")
            running.error = f"The app did not start. Its log ends with: {tail}"

    def _build(self, space: SpaceRow, commit: str) -> Build:
        place = self._place(space)
        with (place / "build.log").open("wb") as log:
            return self._builder.build(self._spaces.repo(space), place, commit, self._spaces.card(space, commit), log)

    def _spec(self, space: SpaceRow, build: Build, port: int) -> ReplicaSpec:
        place = self._place(space)
        for name in ("home", "tmp"):
            (place / name).mkdir(exist_ok=True)
        environment = {
            "PATH": f"{build.python.parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(place / "home"),
            "TMPDIR": str(place / "tmp"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HF_ENDPOINT": self.address,
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "SPACEPORT_DATA_DIR": str(place / "state"),
            "SPACE_ID": space.full_name,
            "SPACE_AUTHOR_NAME": space.owner,
            "SPACE_REPO_NAME": space.name,
        }
        command = [str(build.python), build.app_file]
        if build.ours:
            command = [str(build.python), "-m", "spaceport.cli.main", "run", build.app_file]
        limits = self._limits
        log = place / "run.log"
        return ReplicaSpec(command, build.folder, environment, log, limits.memory, limits.processes)

    async def _listens(self, running: Running, port: int) -> bool:
        """Whether the app answers on its port before it ends or the time is up."""
        deadline = time.monotonic() + self._limits.start_s
        while time.monotonic() < deadline:
            if running.replica is None or self._runner.poll(running.replica) is not None:
                return False
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return True
            await asyncio.sleep(_LOOK_S)
        return False

    async def _stop(self, running: Running, stage: str) -> None:
        replica, running.replica, running.port = running.replica, None, None
        running.stage = stage
        if replica is not None:
            await asyncio.to_thread(self._runner.stop, replica)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            for running in list(self._running.values()):
                await self._look_after(running)

    async def _look_after(self, running: Running) -> None:
        if running.stage != "RUNNING" or running.replica is None:
            return
        if self._runner.poll(running.replica) is not None:
            running.failures += 1
            await self._stop(running, "STOPPED")
            if running.failures >= _FAILURES:
                running.stage, running.error = "RUNTIME_ERROR", "The app ended by itself, again and again."
        elif not running.open and time.monotonic() - running.used_at > self._limits.sleep_s:
            await self._stop(running, "SLEEPING")

    @contextlib.contextmanager
    def used(self, space: SpaceRow) -> Iterator[None]:
        """While a request is on its way the Space stays awake."""
        running = self._running[space.id]
        running.open += 1
        try:
            yield
        finally:
            running.open -= 1
            running.used_at = time.monotonic()

    def _place(self, space: SpaceRow) -> Path:
        return self._data / space.folder


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _tail(log: Path, size: int = 2000) -> str:
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - size))
        return file.read().decode("utf-8", "replace")
    return ""
