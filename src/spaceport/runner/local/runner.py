"""Replicas as processes of this machine, each below a supervisor (`supervise`) that outlives the hub.

Where the machine can do that, each replica has a loopback address of its own (`own_address`): apps that insist on port
7860, as thousands do, then run side by side. Elsewhere the port is found by what the replica's processes listen on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from spaceport.runner.base import Ended, Listening, Replica, ReplicaSpec, Starting, Status
from spaceport.runner.local import processes
from spaceport.runner.local.process_limit import ProcessLimit
from spaceport.runner.local.supervisor import Supervised, supervised

_HOST = "127.0.0.1"
_USUAL_PORT = 7860
"""Where apps listen on the Hub, unless `app_port` says otherwise."""
_GUARD_INTERVAL_S = 0.2
_SCAN_INTERVAL_S = 0.25
_OTHER_PORT_S = 30.0
"""How long the app itself must have listened on another port than the expected one, until that is used."""
_OWN = range(64, 128)
"""The second number of the addresses in 127.0.0.0/8 that replicas get."""


@dataclass(slots=True, eq=False)
class _Process:
    """What the runner knows of a replica. `port`: where it is told to listen; `expected`: where it may as well."""

    supervised: Supervised
    port: int
    expected: int
    exit_reason: str = ""
    """Why the runner itself ended it."""
    address: str = ""
    """Where it listens, once that is known."""
    descriptor: int = -1
    """Becomes readable when the process ends."""
    scanned_at: float = 0.0
    obstacle: str = ""
    other_ports: dict[int, float] | None = None
    """Other ports on which the app listens, and since when."""

    @property
    def replica_id(self) -> str:
        one = self.supervised
        parts = (
            one.pid,
            one.started_at,
            one.supervisor,
            one.supervisor_started_at,
            one.host or 0,
            self.port,
            self.expected,
        )
        return "-".join(str(part) for part in parts)


class LocalRunner:
    """Implements `Runner`. `processes`: how many a replica may have at once; one with more is killed.

    `own_addresses`: give each replica an address of its own; None: if this machine can do that.
    """

    def __init__(self, processes: int, *, own_addresses: bool | None = None) -> None:
        self._processes = processes
        self._own_addresses = own_addresses
        self._known: dict[str, _Process] = {}
        """By the replica's id."""
        self._guard: asyncio.Task[None] | None = None
        self._trying = threading.Lock()
        """Held while the machine is tried: replicas start in threads."""

    async def start(self, spec: ReplicaSpec, on_exit: Callable[[str], None]) -> Replica:
        task = asyncio.ensure_future(asyncio.to_thread(self._spawn, spec))
        try:
            process = await asyncio.shield(task)
        except asyncio.CancelledError:
            with contextlib.suppress(OSError):
                await asyncio.to_thread((await task).supervised.stop)
            raise
        replica = Replica(process.replica_id, spec.epoch)
        self._watch(replica, process, on_exit)
        return replica

    async def poll(self, replica: Replica) -> Status:
        process = self._known.get(replica.id)
        if process is None:
            return Ended()
        if process.supervised.has_ended():
            return Ended(process.exit_reason or await asyncio.to_thread(_conflict, process))
        if process.address:
            return Listening(process.address)
        own = process.supervised.host
        if own or process.port != process.expected:  # nobody else listens there
            host = own or _HOST
            if await _accepts(host, process.port):
                process.address = f"{host}:{process.port}"
                return Listening(process.address)
        if time.monotonic() - process.scanned_at > _SCAN_INTERVAL_S:
            process.scanned_at = time.monotonic()
            return await self._find_address(process)
        return Starting(process.port, process.obstacle)

    async def stop(self, replica: Replica) -> None:
        process = self._known.pop(replica.id, None)
        if process is not None:
            self._unwatch(process)
        else:
            process = _process_of(replica)
        if process is not None:
            await asyncio.to_thread(process.supervised.stop)

    async def adopt(self, replica: Replica, on_exit: Callable[[str], None]) -> Status:
        process = _process_of(replica)
        if process is None or process.supervised.has_ended():
            return Ended()
        self._watch(replica, process, on_exit)
        status = await self._find_address(process)
        if isinstance(status, Starting):
            return await self.poll(replica)
        return status

    def _spawn(self, spec: ReplicaSpec) -> _Process:
        """Blocks. Raises `OSError`."""
        host = self._free_host() if self._can_have_own_address() else ""
        expected = spec.port or _USUAL_PORT
        port = expected if host or spec.port else _free_port()
        environment = {**spec.environment, "GRADIO_SERVER_NAME": _HOST, "GRADIO_SERVER_PORT": str(port)}
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
            )
        return _Process(started, port, expected)

    def _can_have_own_address(self) -> bool:
        """Whether replicas get an address of their own; a machine that was too busy to say is tried again."""
        with self._trying:
            if self._own_addresses is None and can_have_own_address():
                self._own_addresses = True
            return bool(self._own_addresses)

    def _free_host(self) -> str:
        """A loopback address that no replica has."""
        taken = {process.supervised.host for process in list(self._known.values())}
        while (host := _random_host()) in taken:
            pass
        return host

    async def _find_address(self, process: _Process) -> Status:
        """Look for the port that the processes of a replica listen on."""
        listening = await asyncio.to_thread(_listeners, process)
        expected = {port: host for host, port in listening if port in (process.port, process.expected)}
        for port in (process.port, process.expected):
            if port in expected:
                address = await _reachable(expected[port], port)
                if address:
                    process.address = address
                    return Listening(address)
        return await asyncio.to_thread(self._other_port, process, listening)

    def _other_port(self, process: _Process, listening: set[tuple[str, int]]) -> Status:
        """When nothing listens where it should: what does, or why nothing can."""
        own = {port: host for host, port in processes.listeners([process.supervised.pid])}
        now = time.monotonic()
        since = process.other_ports = {port: (process.other_ports or {}).get(port, now) for port in own}
        steady = [port for port, at in since.items() if now - at > _OTHER_PORT_S]
        if steady:
            port = min(steady, key=lambda one: since[one])
            process.address = _format_address(own[port], port)
            return Listening(
                process.address,
                f"Nothing listens on port {process.expected}, so the app's port {port} is used. "
                f"`app_port: {port}` in the README's front matter makes that certain, and quicker.",
            )
        process.obstacle = _conflict(process)
        if own or listening:
            ports = ", ".join(str(port) for port in sorted({port for _, port in listening} | set(own)))
            listens = f"The app listens on port {ports}: say `app_port` in the README's front matter."
            process.obstacle = f"{process.obstacle} {listens}".lstrip()
        return Starting(process.port, process.obstacle)

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
            process.descriptor = os.pidfd_open(process.supervised.pid)
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
            await asyncio.sleep(_GUARD_INTERVAL_S)
            by_supervisor = {process.supervised.supervisor: process for process in self._known.values()}
            for pid in limit.over_limit(by_supervisor):
                process = by_supervisor[pid]
                process.exit_reason = f"It had more than {self._processes} processes at once: all were ended."
                process.supervised.signal_all(signal.SIGUSR1)
        self._guard = None


def can_have_own_address() -> bool:
    """Whether this machine can give an app an address of its own: tried with one. Blocks for a moment."""
    host = _random_host()
    program = (
        "import socket\n"
        "one = socket.socket(); one.bind(('0.0.0.0', 7860)); one.listen(); host = one.getsockname()[0]\n"
        "two = socket.create_connection(('127.0.0.1', 7860), 5)\n"
        f"raise SystemExit(0 if host == two.getpeername()[0] == {host!r} else 1)\n"
    )
    try:
        tried = supervised(
            [sys.executable, "-I", "-S", "-c", program],
            environment={"PATH": os.defpath},
            folder=Path("/"),
            output=subprocess.DEVNULL,
            host=host,
        )
    except OSError:
        return False
    assert tried.process is not None
    try:
        return tried.process.wait(20) == 0
    except subprocess.TimeoutExpired:
        tried.stop()
        return False


def _random_host() -> str:
    return f"127.{secrets.choice(_OWN)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"


def _process_of(replica: Replica) -> _Process | None:
    """The process of a replica of an earlier hub, whether it still runs or not; None: that is not the id of one."""
    parts = replica.id.split("-")
    try:
        pid, started_at, supervisor, supervisor_started_at = (int(part) for part in parts[:4])
        host, port, expected = parts[4:]
        return _Process(
            Supervised(pid, started_at, supervisor, supervisor_started_at, "" if host == "0" else host),
            int(port),
            int(expected),
        )
    except ValueError:
        return None


def _listeners(process: _Process) -> set[tuple[str, int]]:
    return processes.listeners(processes.descendants(process.supervised.supervisor))


def _conflict(process: _Process) -> str:
    """Says that another process has the port on which the app may insist."""
    if process.supervised.host:
        return ""
    if not processes.is_listening_on(process.expected, beside=_listeners(process)):
        return ""
    return (
        f"Port {process.expected} is taken by another process of this machine, perhaps another Space. An app that "
        "insists on it can run only alone here: let it listen on the port in GRADIO_SERVER_PORT."
    )


async def _reachable(host: str, port: int) -> str:
    """The address at which a listening socket accepts connections; "": it does not yet."""
    for one in {"0.0.0.0": [_HOST], "::": [_HOST, "::1"]}.get(host, [host]):  # noqa: S104
        if await _accepts(one, port):
            return _format_address(one, port)
    return ""


def _format_address(host: str, port: int) -> str:
    host = {"0.0.0.0": _HOST, "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _accepts(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HOST, 0))
        return int(free.getsockname()[1])
