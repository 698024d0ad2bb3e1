"""The rows of the table: each measures one figure of one running server, or of one it starts itself."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass

from benchmarks.client import Connection
from benchmarks.server import Server


@dataclass(frozen=True, slots=True)
class Load:
    """Calls a second, server CPU seconds a call, and latencies in seconds."""

    rate: float
    cpu_s: float
    p50_s: float
    p99_s: float


async def echo(server: Server, clients: int, seconds: float) -> Load:
    """Two-step calls as fast as they are answered."""
    connections = [await Connection.open(server.port) for _ in range(clients)]
    took: list[float] = []
    started, cpu = time.monotonic(), server.cpu_s()
    ends = started + seconds

    async def work(connection: Connection) -> None:
        while (begun := time.monotonic()) < ends:
            await connection.call("echo", "Hello there, how are you today?")
            took.append(time.monotonic() - begun)

    await asyncio.gather(*map(work, connections))
    wall, cpu = time.monotonic() - started, server.cpu_s() - cpu
    for connection in connections:
        connection.close()
    took.sort()
    return Load(len(took) / wall, cpu / len(took), statistics.median(took), took[int(len(took) * 0.99)])


async def tokens(server: Server, clients: int = 50, count: int = 200) -> float:
    """Seconds until the median client has all tokens of a generator that makes 100 a second."""

    async def one() -> float:
        connection = await Connection.open(server.port)
        begun = time.monotonic()
        await connection.call("tokens", count)
        connection.close()
        return time.monotonic() - begun

    return statistics.median(await asyncio.gather(*(one() for _ in range(clients))))


async def idle_cpu(server: Server, seconds: float = 15) -> float:
    """Percent of one core while nothing happens."""
    await asyncio.sleep(1)
    before = server.cpu_s()
    await asyncio.sleep(seconds)
    return (server.cpu_s() - before) / seconds * 100


async def unread_results(server: Server, count: int = 1500, size: int = 20_000) -> int:
    """Bytes more of resident memory after results that nobody has read."""
    connection = await Connection.open(server.port)
    for _ in range(50):
        await connection.call("large", size)
    await asyncio.sleep(0.5)
    before = server.memory()
    for _ in range(count):
        await connection.submit("large", size)
    await asyncio.sleep(2)
    connection.close()
    return server.memory() - before


async def waiting_submits(server: Server, waiting: int = 100_000, sample: int = 5000) -> tuple[float, float]:
    """Server CPU seconds of one submit with nothing waiting in the line, and with `waiting` jobs in it."""
    connections = [await Connection.open(server.port) for _ in range(50)]
    await connections[0].submit("hold", 3600)

    async def submit(count: int) -> float:
        left = iter(range(count))

        async def work(connection: Connection) -> None:
            for _ in left:
                await connection.submit("hold", 3600)

        before = server.cpu_s()
        await asyncio.gather(*map(work, connections))
        return (server.cpu_s() - before) / count

    await submit(sample)
    empty = await submit(sample)
    await submit(waiting - 2 * sample)
    full = await submit(sample)
    for connection in connections:
        connection.close()
    return empty, full


async def idle_streams(server: Server, count: int = 10_000) -> float:
    """Bytes of resident memory for each open stream of a call that does not end."""
    connection = await Connection.open(server.port)
    event_id = ""
    if server.kind == "ours":
        await connection.submit("hold", 3600)
        event_id = await connection.submit("hold", 3600)
    before = server.memory()
    connections = []
    for _ in range(count):
        stream = await Connection.open(server.port)
        if server.kind == "bare":
            event_id = await connection.submit("hold", 0)
        await stream.open_stream(f"/gradio_api/call/hold/{event_id}{'?events=all' if server.kind == 'ours' else ''}")
        connections.append(stream)
    await asyncio.sleep(1)
    used = (server.memory() - before) / count
    for stream in connections:
        stream.close()
    connection.close()
    return used
