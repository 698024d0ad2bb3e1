"""Where a replica listens: on the port that it was told, or on another one that its processes opened."""

from __future__ import annotations

import asyncio
import time

from spaceport.runner.base import Listening, Starting
from spaceport.runner.local import processes
from spaceport.runner.local.loopback import HOST
from spaceport.runner.local.replica_process import ReplicaProcess

_OTHER_PORT_S = 30.0
"""How long the app itself must have listened on another port than the expected one, until that is used."""


async def find_address(process: ReplicaProcess) -> Starting | Listening:
    """Look for the port that the processes of a replica listen on."""
    listening = await asyncio.to_thread(_listeners, process)
    expected = {port: host for host, port in listening if port in (process.port, process.expected)}
    for port in (process.port, process.expected):
        if port in expected:
            address = await _reachable(expected[port], port)
            if address:
                process.address = address
                return Listening(address)
    return await asyncio.to_thread(_other_port, process, listening)


def conflict(process: ReplicaProcess) -> str:
    """Says that another process has the port on which the app may insist; "": none has. Blocks.

    Whether the app insists is not known, nor why it has ended.
    """
    if process.supervised.host:
        return ""
    if not processes.is_listening_on(process.expected, beside=_listeners(process)):
        return ""
    return (
        f"Another process of this machine listens on port {process.expected}, perhaps another Space. If this app "
        "insists on that port, it can run only alone here: let it listen on the port in GRADIO_SERVER_PORT."
    )


async def accepts(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


def _listeners(process: ReplicaProcess) -> set[tuple[str, int]]:
    return processes.listeners(processes.descendants(process.supervised.supervisor))


def _other_port(process: ReplicaProcess, listening: set[tuple[str, int]]) -> Starting | Listening:
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
    process.obstacle = conflict(process)
    if own or listening:
        ports = ", ".join(str(port) for port in sorted({port for _, port in listening} | set(own)))
        listens = f"The app listens on port {ports}: say `app_port` in the README's front matter."
        process.obstacle = f"{process.obstacle} {listens}".lstrip()
    return Starting(process.port, process.obstacle)


async def _reachable(host: str, port: int) -> str:
    """The address at which a listening socket accepts connections; "": it does not yet."""
    for one in {"0.0.0.0": [HOST], "::": [HOST, "::1"]}.get(host, [host]):  # noqa: S104
        if await accepts(one, port):
            return _format_address(one, port)
    return ""


def _format_address(host: str, port: int) -> str:
    host = {"0.0.0.0": HOST, "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
