"""Replicas as processes of this machine, each below a supervisor (`supervise`) that outlives the hub.

Where the machine can do that, each replica has a loopback address of its own (`own_address`): apps that insist on port
7860, as thousands do, then run side by side. Elsewhere the port is found by what the replica's processes listen on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable

from spaceport.runner.base import Ended, Listening, Replica, ReplicaSpec, Starting, Status
from spaceport.runner.cleanup import finish
from spaceport.runner.local.listening import accepts, conflict, find_address
from spaceport.runner.local.loopback import HOST, can_have_own_address, free_port, random_host
from spaceport.runner.local.process_limit import ProcessLimit
from spaceport.runner.local.replica_process import ReplicaProcess, process_of
from spaceport.runner.local.supervisor import ORPHAN_S, supervised

_USUAL_PORT = 7860
"""Where apps listen on the Hub, unless `app_port` says otherwise."""
_GUARD_INTERVAL_S = 0.2
_SCAN_INTERVAL_S = 0.25


class LocalRunner:
    """Implements `Runner`. `processes`: how many a replica may have at once; one with more is killed.

    `own_addresses`: give each replica an address of its own; None: if this machine can do that. `orphan_s`: how long
    replicas outlive a hub that was killed, unless another one adopts them.
    """

    def __init__(self, processes: int, *, own_addresses: bool | None = None, orphan_s: float = ORPHAN_S) -> None:
        self._processes = processes
        self._orphan_s = orphan_s
        self._own_addresses = own_addresses
        self._known: dict[str, ReplicaProcess] = {}
        """By the replica's id."""
        self._guard: asyncio.Task[None] | None = None
        self._trying = threading.Lock()
        """Held while the machine is tried: replicas start in threads."""

    async def start(self, spec: ReplicaSpec, on_exit: Callable[[str], None]) -> Replica:
        task = asyncio.ensure_future(asyncio.to_thread(self._spawn, spec))
        try:
            process = await asyncio.shield(task)
        except asyncio.CancelledError:
            await finish(_stop_started(task))
            raise
        replica = Replica(process.replica_id, spec.epoch)
        self._watch(replica, process, on_exit)
        return replica

    async def poll(self, replica: Replica) -> Status:
        process = self._known.get(replica.id)
        if process is None:
            return Ended()
        if process.supervised.has_ended():
            return Ended(process.exit_reason or await asyncio.to_thread(conflict, process))
        if process.address:
            return Listening(process.address)
        own = process.supervised.host
        if own or process.port != process.expected:  # nobody else listens there
            host = own or HOST
            if await accepts(host, process.port):
                process.address = f"{host}:{process.port}"
                return Listening(process.address)
        if time.monotonic() - process.scanned_at > _SCAN_INTERVAL_S:
            process.scanned_at = time.monotonic()
            return await find_address(process)
        return Starting(process.port, process.obstacle)

    async def stop(self, replica: Replica) -> None:
        process = self._known.pop(replica.id, None)
        if process is not None:
            self._unwatch(process)
        else:
            process = process_of(replica.id)
        if process is not None:
            await asyncio.to_thread(process.supervised.stop)

    async def adopt(self, replica: Replica, on_exit: Callable[[str], None]) -> Status:
        process = process_of(replica.id)
        if process is None or process.supervised.has_ended():
            return Ended()
        process.supervised.hold()
        self._watch(replica, process, on_exit)
        status = await find_address(process)
        if isinstance(status, Starting):
            return await self.poll(replica)
        return status

    def _spawn(self, spec: ReplicaSpec) -> ReplicaProcess:
        """Blocks. Raises `OSError`."""
        host = self._free_host() if self._can_have_own_address() else ""
        expected = spec.port or _USUAL_PORT
        port = expected if host or spec.port else free_port()
        environment = {**spec.environment, "GRADIO_SERVER_NAME": HOST, "GRADIO_SERVER_PORT": str(port)}
        # a named pipe is opened for reading too, so that printing goes on when nobody reads for a while
        with os.fdopen(os.open(spec.log, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "ab", 0) as log:
            started = supervised(
                spec.command,
                environment=environment,
                folder=spec.folder,
                output=log,
                memory=spec.memory,
                files=spec.files,
                host=host,
                orphan_s=self._orphan_s,
            )
        return ReplicaProcess(started, port, expected)

    def _can_have_own_address(self) -> bool:
        """Whether replicas get an address of their own; a machine that was too busy to say is tried again."""
        with self._trying:
            if self._own_addresses is None and can_have_own_address():
                self._own_addresses = True
            return bool(self._own_addresses)

    def _free_host(self) -> str:
        """A loopback address that no replica has."""
        taken = {process.supervised.host for process in list(self._known.values())}
        while (host := random_host()) in taken:
            pass
        return host

    def _watch(self, replica: Replica, process: ReplicaProcess, on_exit: Callable[[str], None]) -> None:
        loop = asyncio.get_running_loop()
        self._known[replica.id] = process
        if self._guard is None:
            self._guard = loop.create_task(self._limit_processes())

        def ended() -> None:
            self._unwatch(process)
            if replica.id in self._known:
                on_exit(process.exit_reason)

        try:
            process.descriptor = os.pidfd_open(process.supervised.pid)
        except OSError:  # it has ended already
            loop.call_soon(ended)
            return
        loop.add_reader(process.descriptor, ended)

    def _unwatch(self, process: ReplicaProcess) -> None:
        if process.descriptor >= 0:
            asyncio.get_running_loop().remove_reader(process.descriptor)
            os.close(process.descriptor)
            process.descriptor = -1

    async def _limit_processes(self) -> None:
        """Kill each replica that has more processes than it may, while there are replicas."""
        limit = ProcessLimit(self._processes)
        while self._known:
            await asyncio.sleep(_GUARD_INTERVAL_S)
            by_supervisor = {process.supervised.supervisor: process for process in self._known.values()}
            for pid in limit.over_limit(by_supervisor):
                process = by_supervisor[pid]
                process.exit_reason = f"It had more than {self._processes} processes at once: all were ended."
                process.supervised.signal_all(signal.SIGUSR1)
        self._guard = None


async def _stop_started(starting: Awaitable[ReplicaProcess]) -> None:
    with contextlib.suppress(OSError):
        await asyncio.to_thread((await starting).supervised.stop)
