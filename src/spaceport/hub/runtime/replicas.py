"""One replica of a Space: started until it listens, watched, stopped; adopted by the hub that follows a killed one."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from spaceport.errors import SpaceportError
from spaceport.hub.runtime.builder import Build
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.runner import LocalRunner, ProcessLimit, Replica, ReplicaSpec

_LOOK_S = 0.05
_GUARD_S = 0.2


class DidNotStart(SpaceportError):
    """Nothing listens where the app should; its run log says why."""

    code = "did_not_start"


class ReplicaRecord(msgspec.Struct, frozen=True):
    """A replica that listens, as its note on disk says. Each start has an `epoch` of its own."""

    pid: int
    begun: int
    port: int
    epoch: str
    commit: str
    ours: bool

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self.port}"


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(slots=True, eq=False)
class RunningReplica:
    """A started replica."""

    place: ReplicaRecord
    replica: Replica
    since: float
    """Monotonic seconds."""
    open: int = 0
    """Requests and calls on their way."""
    taken: int = 0
    """Since it started."""
    at_rest: asyncio.Event = field(default_factory=_set)
    """Whether none is."""

    @property
    def load(self) -> tuple[int, int]:
        """The one with least of it is next."""
        return self.open, self.taken

    watched: int | None = None
    """The descriptor that tells of its end."""


def chosen(session: str, places: Sequence[ReplicaRecord]) -> ReplicaRecord:
    """The same one for the same session, as long as it is there (rendezvous hashing)."""
    return max(places, key=lambda place: hashlib.blake2b(f"{session} {place.epoch}".encode(), digest_size=8).digest())


class Replicas:
    """`start_s`: how long one may take to listen; `memory`: bytes of address space, 0: any; `processes`: at once."""

    def __init__(self, data: Path, start_s: float, memory: int, processes: int) -> None:
        self._data = data
        self._start_s = start_s
        self._memory, self._processes = memory, processes
        self._runner = LocalRunner()
        self._all: dict[int, tuple[SpacePaths, RunningReplica]] = {}
        """By process."""
        self._some = asyncio.Event()
        """Whether there are any."""

    async def start(self, layout: SpacePaths, build: Build, environment: Mapping[str, str]) -> RunningReplica:
        """Returns when it listens. Raises `DidNotStart`; then, or when cancelled, nothing of it is left."""
        port = _free_port()
        told = {"GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port)}
        command = [str(build.python), build.app_file]
        if build.ours:
            command = [str(build.python), "-m", "spaceport.cli.main", "run", build.app_file]
        spec = ReplicaSpec(command, build.folder, {**environment, **told}, layout.output, self._memory)
        replica = await asyncio.to_thread(self._runner.start, spec)
        place = ReplicaRecord(replica.pid, replica.begun, port, secrets.token_hex(8), build.commit, build.ours)
        live = RunningReplica(place, replica, time.monotonic())
        layout.note(place.epoch).write_bytes(msgspec.json.encode(place))
        self._add(layout, live)
        try:
            await self._until_it_listens(replica, port)
        except BaseException:
            await asyncio.shield(self.stop(layout, live))
            raise
        return live

    def noted(self) -> Iterator[tuple[SpacePaths, RunningReplica]]:
        """Those of a hub that was killed which listen still; what is left of the others is ended."""
        for path in sorted(self._data.glob(f"spaces/*/{SpacePaths.NOTES}")):
            try:
                place = msgspec.json.decode(path.read_bytes(), type=ReplicaRecord)
            except (OSError, msgspec.DecodeError):
                path.unlink(missing_ok=True)
                continue
            replica = self._runner.adopt(place.pid, place.begun)
            if replica is not None and _listening(place.port):
                layout, live = SpacePaths(path.parent), RunningReplica(place, replica, time.monotonic())
                self._add(layout, live)
                yield layout, live
            else:
                path.unlink(missing_ok=True)
                self._runner.stop(replica or Replica(place.pid, place.begun))

    def _add(self, layout: SpacePaths, live: RunningReplica) -> None:
        self._all[live.place.pid] = layout, live
        self._some.set()

    async def guard(self) -> None:
        """Without end: one that has more processes than it may is killed, and its log says so."""
        crowds = ProcessLimit(self._processes)
        while True:
            await self._some.wait()
            await asyncio.sleep(_GUARD_S)
            for pid in crowds.look():
                if pid in self._all:
                    layout, live = self._all[pid]
                    self._runner.kill(live.replica)
                    _say(layout, f"It had more than {self._processes} processes at once: all of them were ended.")

    def watch(self, live: RunningReplica, ended: Callable[[], None]) -> None:
        """Call `ended` when it ends by itself."""
        try:
            live.watched = self._runner.watch(live.replica)
        except OSError:  # it is gone already
            asyncio.get_running_loop().call_soon(ended)
            return
        asyncio.get_running_loop().add_reader(live.watched, ended)

    def unwatch(self, live: RunningReplica) -> None:
        if live.watched is not None:
            asyncio.get_running_loop().remove_reader(live.watched)
            os.close(live.watched)
            live.watched = None

    async def stop(self, layout: SpacePaths, live: RunningReplica) -> None:
        """Ends it with all that it has started."""
        self.unwatch(live)
        await asyncio.to_thread(self._runner.stop, live.replica)
        self._all.pop(live.place.pid, None)
        if not self._all:
            self._some.clear()
        layout.note(live.place.epoch).unlink(missing_ok=True)

    async def _until_it_listens(self, replica: Replica, port: int) -> None:
        """Raises `DidNotStart`."""
        deadline = time.monotonic() + self._start_s
        while time.monotonic() < deadline:
            if self._runner.ended(replica):
                raise DidNotStart("The app did not start: it ended. Its run log says more.")
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(_LOOK_S)
        why = f"nothing listened on port {port} within {self._start_s:g} s"
        raise DidNotStart(f"The app did not start: {why}. Its run log says more.")


def _say(layout: SpacePaths, text: str) -> None:
    """Among what the app prints."""
    with contextlib.suppress(OSError):
        descriptor = os.open(layout.output, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(descriptor, f"{text}\n".encode())
        finally:
            os.close(descriptor)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
