"""`python -m benchmarks.probe PORT SECONDS`: ask a hub for its health all the time, and print the longest wait.

A process of its own: it does not wait for whoever makes the load.
"""

from __future__ import annotations

import asyncio
import sys
import time

from benchmarks.client import Connection

_INTERVAL_S = 0.005


async def longest_s(port: int, seconds: float) -> float:
    """The longest time, in seconds, that an answer took."""
    connection = await Connection.open(port)
    longest, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(_INTERVAL_S)
        begun = time.perf_counter()
        await connection.get("/healthz")
        longest = max(longest, time.perf_counter() - begun)
    connection.close()
    return longest


if __name__ == "__main__":
    print(asyncio.run(longest_s(int(sys.argv[1]), float(sys.argv[2]))))
