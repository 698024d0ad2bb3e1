"""The benchmark's endpoints as a Space."""

import asyncio
import time
from collections.abc import AsyncIterator

import spaceport as sp

space = sp.Space()


@space.api(concurrency_limit=None)
async def echo(text: str) -> str:
    return text


@space.api(concurrency_limit=None)
async def tokens(n: int) -> AsyncIterator[str]:
    started, text = time.monotonic(), ""
    for i in range(n):
        await asyncio.sleep(max(0.0, started + i / 100 - time.monotonic()))
        text += f"token{i} "
        yield text


@space.api(concurrency_limit=None)
async def burst(n: int) -> AsyncIterator[str]:
    text = ""
    for i in range(n):
        await asyncio.sleep(0)
        text += f"{i % 10}"
        yield text


@space.api(concurrency_limit=None)
async def clock(n: int) -> AsyncIterator[str]:
    for _ in range(n):
        await asyncio.sleep(0.02)
        yield f"{time.monotonic():.6f}"


@space.api(concurrency_limit=None)
async def ticks(n: int) -> AsyncIterator[int]:
    for i in range(n):
        yield i
        await asyncio.sleep(0.5)


@space.api(concurrency_limit=None)
async def large(n: int) -> str:
    return "x" * n


@space.api
async def hold(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"
