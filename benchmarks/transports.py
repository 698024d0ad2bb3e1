"""`python -m benchmarks.transports`: what one small GET on a kept connection costs its caller, by HTTP library.

For docs/adr/0004. Libraries that are not installed are left out. "sync" is the same client inside of a background
loop, called from another thread, as our sync client does it (for httpx: its own sync client).
"""

from __future__ import annotations

import asyncio
import importlib.util
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.server import Server
from spaceport.client.background import background
from spaceport.client.http import Http
from spaceport.client.network import Settings

COUNT = 500
Get = Callable[[], Awaitable[Any]]


async def ours(url: str) -> Get:
    http = Http(url, Settings(), {})
    return lambda: http.fetch("GET", "x")


async def httpcore(url: str) -> Get:
    import httpcore

    pool = httpcore.AsyncConnectionPool()
    return lambda: pool.request("GET", f"{url}x")


async def httpx(url: str) -> Get:
    import httpx

    client = httpx.AsyncClient()
    return lambda: client.get(f"{url}x")


async def aiohttp(url: str) -> Get:
    import aiohttp

    session = aiohttp.ClientSession()

    async def get() -> bytes:
        async with session.get(f"{url}x") as response:
            return await response.read()

    return get


async def many(get: Get) -> None:
    for _ in range(COUNT):
        await get()


def measured(work: Callable[[], Any]) -> str:
    """Milliseconds of CPU and of time for one request; the median of three."""
    found = []
    for _ in range(3):
        cpu, begun = time.process_time(), time.monotonic()
        work()
        found.append((time.process_time() - cpu, time.monotonic() - begun))
    cpu, wall = (statistics.median(column) / COUNT * 1000 for column in zip(*found, strict=True))
    return f"{cpu:.2f} ms CPU, {wall:.2f} ms"


def imported(module: str) -> str:
    """What the import takes in a fresh process that has asyncio."""
    code = f"import asyncio, time; t = time.process_time(); import {module}; print(time.process_time() - t)"
    runs = [float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(5)]
    return f"{statistics.median(runs) * 1000:.0f} ms"


async def main() -> None:
    print("| | import after asyncio | async | sync |\n|---|---|---|---|")
    modules = {ours: "spaceport.client.http", httpcore: "httpcore", httpx: "httpx", aiohttp: "aiohttp"}
    async with Server("bare") as server:
        url = f"http://127.0.0.1:{server.port}/"
        for make, module in modules.items():
            if importlib.util.find_spec(module) is None:
                continue

            def in_a_loop(make: Callable[[str], Awaitable[Get]] = make) -> str:
                async def work() -> None:
                    get = await make(url)
                    await many(get)

                return measured(lambda: asyncio.run(work()))

            def from_a_thread(make: Any = make) -> str:
                if make is httpx:
                    import httpx as library

                    client = library.Client()
                    return measured(lambda: [client.get(f"{url}x") for _ in range(COUNT)])
                get = background.run(make(url))
                return measured(lambda: [background.run(get()) for _ in range(COUNT)])

            one = await asyncio.to_thread(in_a_loop)
            print(f"| {module} | {imported(module)} | {one} | {await asyncio.to_thread(from_a_thread)} |", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
