"""Replicas as processes of this machine, each with its children in a process group of its own.

Limits are set by a small program in between (`exec_with_rlimits`), which then becomes the replica.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from spaceport.runner.base import Ended, Listening, Replica, ReplicaSpec, Starting, Status
from spaceport.runner.local import exec_with_rlimits
from spaceport.runner.local.process_limit import ProcessLimit
from spaceport.runner.local.processes import state_and_start

_HOST = "127.0.0.1"
_END_S = 10.0
_GUARD_S = 0.2


@dataclass(slots=True, eq=False)
class _Process:
    """The first process of a replica; `started_at` (clock ticks since boot) tells it from a later one with its pid."""

    pid: int
    started_at: int
    port: int
    child: subprocess.Popen[bytes] | None = None
    """None for a process that an earlier hub started."""
    exit_reason: str = ""
    """Why the runner itself ended it."""
    descriptor: int = -1
    """Becomes readable when the process ends."""

    def has_ended(self) -> bool:
        if self.child is not None:
            return self.child.poll() is not None
        state, started_at = state_and_start(self.pid)
        return started_at != self.started_at or state in "ZX"


class LocalRunner:
    """Implements `Runner`. `processes`: how many a replica may have at once; one with more is killed."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._known: dict[str, _Process] = {}
        """By the replica's id."""
        self._guard: asyncio.Task[None] | None = None

    async def start(self, spec: ReplicaSpec, on_exit: Callable[[str], None]) -> Replica:
        task = asyncio.ensure_future(asyncio.to_thread(self._spawn, spec))
        try:
            process = await asyncio.shield(task)
        except asyncio.CancelledError:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(_end, await task)
            raise
        replica = Replica(f"{process.pid}-{process.started_at}-{process.port}", spec.epoch)
        self._watch(replica, process, on_exit)
        return replica

    async def poll(self, replica: Replica) -> Status:
        process = self._known.get(replica.id)
        if process is None:
            return Ended()
        if process.has_ended():
            return Ended(process.exit_reason)
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(_HOST, process.port)
            writer.close()
            return Listening(f"{_HOST}:{process.port}")
        return Starting(f"Nothing listens on port {process.port}.")

    async def stop(self, replica: Replica) -> None:
        process = self._known.pop(replica.id, None)
        if process is not None:
            self._unwatch(process)
        else:
            process = _named(replica)
        if process is not None:
            await asyncio.to_thread(_end, process)

    async def adopt(self, replica: Replica, on_exit: Callable[[str], None]) -> Status:
        process = _named(replica)
        if process is None or process.has_ended():
            return Ended()
        self._watch(replica, process, on_exit)
        return await self.poll(replica)

    def _spawn(self, spec: ReplicaSpec) -> _Process:
        """Blocks. Raises `OSError`."""
        port = spec.port or _free_port()
        told = {"GRADIO_SERVER_NAME": _HOST, "GRADIO_SERVER_PORT": str(port)}
        limits = [str(limit) for limit in (spec.memory, spec.files)]
        # a named pipe is opened for reading too, so that printing goes on when nobody reads for a while
        with os.fdopen(os.open(spec.log, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "ab", 0) as log:
            child = subprocess.Popen(  # noqa: S603  no shell; what runs is the owner's program
                [sys.executable, "-I", exec_with_rlimits.__file__, *limits, *spec.command],
                cwd=spec.folder,
                env={**spec.environment, **told},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return _Process(child.pid, state_and_start(child.pid)[1], port, child)

    def _watch(self, replica: Replica, process: _Process, on_exit: Callable[[str], None]) -> None:
        loop = asyncio.get_running_loop()
        self._known[replica.id] = process
        if self._guard is None:
            self._guard = loop.create_task(self._limit_processes())

        def ended() -> None:
            self._unwatch(process)
            if replica.id in self._known:
                on_exit(process.exit_reason)

        try:
            process.descriptor = os.pidfd_open(process.pid)
        except OSError:  # it has ended already
            loop.call_soon(ended)
            return
        loop.add_reader(process.descriptor, ended)

    def _unwatch(self, process: _Process) -> None:
        if process.descriptor >= 0:
            asyncio.get_running_loop().remove_reader(process.descriptor)
            os.close(process.descriptor)
            process.descriptor = -1

    async def _limit_processes(self) -> None:
        """Kill each replica that has more processes than it may, while there are replicas."""
        limit = ProcessLimit(self._processes)
        while self._known:
            await asyncio.sleep(_GUARD_S)
            over = set(limit.over_limit())
            for process in self._known.values():
                if process.pid in over:
                    process.exit_reason = f"It had more than {self._processes} processes at once: all were ended."
                    _signal(process, signal.SIGKILL)
        self._guard = None


def _named(replica: Replica) -> _Process | None:
    """The process of a replica of an earlier hub, whether it still runs or not; None: that is not the id of one."""
    try:
        pid, started_at, port = (int(part) for part in replica.id.split("-"))
    except ValueError:
        return None
    return _Process(pid, started_at, port)


def _end(process: _Process) -> None:
    """SIGTERM, then SIGKILL, to it and all that it has started. Returns when it is gone; blocks."""
    _signal(process, signal.SIGTERM)
    _wait(process, _END_S)
    _signal(process, signal.SIGKILL)  # children outlive their parent
    _wait(process, _END_S)


def _wait(process: _Process, timeout_s: float) -> None:
    if process.child is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.child.wait(timeout_s)
        return
    with contextlib.suppress(OSError):
        descriptor = os.pidfd_open(process.pid)
        try:
            if not process.has_ended():
                select.select([descriptor], [], [], timeout_s)
        finally:
            os.close(descriptor)


def _signal(process: _Process, what: signal.Signals) -> None:
    if process.child is None and state_and_start(process.pid)[1] not in (process.started_at, 0):
        return  # the number is somebody else's now
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, what)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HOST, 0))
        return int(free.getsockname()[1])
