"""Many callers at once: of a Space by itself, and through a hub. Busy neighbours are `benchmarks.neighbours`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import Connection

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """Calls a second, latencies in seconds, and CPU seconds a call: of the server, and of the processes it started."""

    rate: float
    p50_s: float
    p99_s: float
    server_s: float
    replica_s: float


def cpu_s(pid: int) -> float:
    """User and system time so far."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICK


def descendants_cpu_s(pid: int) -> float:
    """The same of all processes below one."""
    children: dict[int, list[int]] = {}
    for found in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            children.setdefault(int(_stat(int(found))[1]), []).append(int(found))
    left, total = list(children.get(pid, [])), 0.0
    while left:
        one = left.pop()
        left += children.get(one, [])
        with contextlib.suppress(OSError):
            total += cpu_s(one)
    return total


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


async def echo(port: int, prefix: str, pid: int, clients: int, seconds: float) -> Load:
    """Two-step calls as fast as they are answered, from `clients` kept connections."""
    connections = [await Connection.open(port) for _ in range(clients)]
    took: list[float] = []
    started, server, replica = time.monotonic(), cpu_s(pid), descendants_cpu_s(pid)
    ends = started + seconds

    async def work(connection: Connection) -> None:
        connection.prefix = prefix
        while (begun := time.monotonic()) < ends:
            await connection.call("echo", "Hello there, how are you today?")
            took.append(time.monotonic() - begun)

    await asyncio.gather(*map(work, connections))
    wall, calls = time.monotonic() - started, len(took)
    server, replica = cpu_s(pid) - server, descendants_cpu_s(pid) - replica
    for connection in connections:
        connection.close()
    took.sort()
    return Load(
        calls / wall, statistics.median(took), took[int(calls * 0.99)], server / calls, max(0.0, replica) / calls
    )


async def tokens(port: int, prefix: str, clients: int = 50, count: int = 200) -> float:
    """Seconds until the median client has all tokens of a generator that makes 100 a second."""

    async def one() -> float:
        connection = await Connection.open(port)
        connection.prefix = prefix
        begun = time.monotonic()
        await connection.call("tokens", count)
        connection.close()
        return time.monotonic() - begun

    return statistics.median(await asyncio.gather(*(one() for _ in range(clients))))


async def p99(port: int, prefix: str, calls: int = 400) -> float:
    """Seconds; one caller who pauses between the calls, as people do."""
    connection = await Connection.open(port)
    connection.prefix = prefix
    took = []
    for number in range(calls):
        await asyncio.sleep(0.01)
        begun = time.perf_counter()
        await connection.call("echo", f"{number}")
        took.append(time.perf_counter() - begun)
    connection.close()
    return sorted(took)[int(calls * 0.99)]


@contextlib.asynccontextmanager
async def waiting_calls(port: int, prefix: str, count: int) -> AsyncIterator[None]:
    """A Space has `count` calls that wait."""
    connections = [await Connection.open(port) for _ in range(20)]
    left = iter(range(count))

    async def submit(connection: Connection) -> None:
        connection.prefix = prefix
        for _ in left:
            await connection.submit("hold", 3600)

    await asyncio.gather(*map(submit, connections))
    for connection in connections:
        connection.close()
    yield
