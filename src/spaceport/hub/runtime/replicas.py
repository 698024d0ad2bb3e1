"""Replicas of Spaces: started until they listen, stopped, and adopted by the hub that follows a killed one.

Each has a record on disk from its start to its end, so that a later hub finds it.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from spaceport.errors import SpaceportError
from spaceport.hub.runtime.builder import Build
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.runner.base import Ended, Listening, Replica, ReplicaSpec, Runner
from spaceport.runner.cleanup import finish

_POLL_INTERVAL_S = 0.05


class DidNotStart(SpaceportError):
    """Nothing listens where the app should; its run log says why."""

    code = "did_not_start"


class ReplicaRecord(msgspec.Struct, frozen=True):
    """A replica, as its file on disk says.

    `id` is the runner's name for it. `address` is its `host:port`, "" until it listens. `epoch` is different for each
    start. `ours`: the app is a Space of ours.
    """

    id: str
    address: str
    epoch: str
    commit: str
    ours: bool


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(slots=True, eq=False)
class RunningReplica:
    """A replica that was started, and what the hub does with it."""

    record: ReplicaRecord
    since: float
    """When it was started or adopted, in monotonic seconds."""
    open: int = 0
    """Requests and calls in flight."""
    taken: int = 0
    """Requests and calls since it started."""
    idle: asyncio.Event = field(default_factory=_set)
    """Set while the replica has no request in flight."""
    on_exit: Callable[[str], None] | None = None
    """Called with the reason when it ends by itself, once somebody wants to know."""
    note: str = ""
    """What its owner should know of how it listens, as sentences."""
    exit_reason: str | None = None
    """Set when it has ended by itself."""

    @property
    def load(self) -> tuple[int, int]:
        """The replica with the lowest load gets the next request."""
        return self.open, self.taken

    @property
    def replica(self) -> Replica:
        return Replica(self.record.id, self.record.epoch)

    def watch(self, on_exit: Callable[[str], None]) -> None:
        """Call `on_exit` when it ends by itself; soon, if it has already."""
        self.on_exit = on_exit
        if self.exit_reason is not None:
            asyncio.get_running_loop().call_soon(on_exit, self.exit_reason)

    def unwatch(self) -> None:
        self.on_exit = None

    def exited(self, reason: str) -> None:
        self.exit_reason = reason
        if self.on_exit is not None:
            self.on_exit(reason)


def replica_of_session(session: str, replicas: Sequence[ReplicaRecord]) -> ReplicaRecord:
    """The same replica for the same session, as long as it is there (rendezvous hashing)."""
    return max(replicas, key=lambda one: hashlib.blake2b(f"{session} {one.epoch}".encode(), digest_size=8).digest())


class Replicas:
    """`start_s`: how long a replica may take to listen; `memory`: bytes of address space, 0: no limit."""

    def __init__(self, data: Path, runner: Runner, start_s: float, memory: int) -> None:
        self._data = data
        self._runner = runner
        self._start_s = start_s
        self._memory = memory

    async def start(self, paths: SpacePaths, build: Build, environment: Mapping[str, str]) -> RunningReplica:
        """Start a replica and return when it listens. Raises `DidNotStart`; then, or when cancelled, it is stopped."""
        command = [str(build.python), build.app_file]
        if build.ours:
            command = [str(build.python), "-m", "spaceport.cli.main", "run", build.app_file]
        epoch = secrets.token_hex(8)
        spec = ReplicaSpec(command, build.folder, environment, paths.output, epoch, self._memory, port=build.port)
        running = RunningReplica(ReplicaRecord("", "", epoch, build.commit, build.ours), time.monotonic())
        try:
            replica = await self._runner.start(spec, running.exited)
        except OSError as error:
            raise DidNotStart(f"The app did not start: {error.strerror or error}.") from error
        try:
            self._note(paths, running, replica.id, "")
            listening = await self._until_listening(replica)
            running.note = listening.note
            self._note(paths, running, replica.id, listening.address)
        except BaseException:
            await finish(self.stop(paths, running))
            raise
        return running

    async def adopt(self) -> AsyncIterator[tuple[SpacePaths, RunningReplica]]:
        """The replicas that a killed hub left behind and that listen; the others it left are stopped."""
        for path in sorted(self._data.glob(f"spaces/*/{SpacePaths.RECORDS}")):
            try:
                record = msgspec.json.decode(path.read_bytes(), type=ReplicaRecord)
            except (OSError, msgspec.DecodeError):
                path.unlink(missing_ok=True)
                continue
            paths, running = SpacePaths(path.parent), RunningReplica(record, time.monotonic())
            if await self._runner.adopt(running.replica, running.exited) == Listening(record.address):
                yield paths, running
            else:
                await self.stop(paths, running)

    async def stop(self, paths: SpacePaths, running: RunningReplica) -> None:
        """End it with all that it has started."""
        running.unwatch()
        await self._runner.stop(running.replica)
        paths.replica_record(running.record.epoch).unlink(missing_ok=True)

    async def _until_listening(self, replica: Replica) -> Listening:
        """Raises `DidNotStart`."""
        deadline = time.monotonic() + self._start_s
        while True:
            status = await self._runner.poll(replica)
            if isinstance(status, Listening):
                return status
            if isinstance(status, Ended):
                raise DidNotStart(_did_not_start("it ended", status.reason))
            if time.monotonic() > deadline:
                what = f"nothing listened on port {status.port} within {self._start_s:g} s"
                raise DidNotStart(_did_not_start(what, status.obstacle))
            await asyncio.sleep(_POLL_INTERVAL_S)

    def _note(self, paths: SpacePaths, running: RunningReplica, name: str, address: str) -> None:
        running.record = record = msgspec.structs.replace(running.record, id=name, address=address)
        path = paths.replica_record(record.epoch)
        draft = path.with_suffix(".part")
        draft.write_bytes(msgspec.json.encode(record))
        draft.replace(path)


def _did_not_start(what: str, why: str) -> str:
    return f"The app did not start: {what}. {why + ' ' if why else ''}Its run log says more."
