"""The Space of `benchmarks.kills`: each run leaves a line, so that it can be counted."""

import asyncio
import os
import time

import spaceport as sp

space = sp.Space()


def leave_line(log: str, number: str) -> None:
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{number}\n".encode())
    os.close(handle)


@space.api(concurrency_limit=4)
def work(log: str, number: str, seconds: float) -> str:
    leave_line(log, number)
    time.sleep(seconds)
    return number


@space.api(concurrency_limit=None)
async def quick(log: str, number: str, seconds: float) -> str:
    leave_line(log, number)
    await asyncio.sleep(seconds)
    return number
