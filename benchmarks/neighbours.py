"""`python -m benchmarks.neighbours KIND PORT PREFIX`: callers that keep one Space of a hub busy, until killed.

A process of its own: whoever measures another Space's caller does not wait for it. It prints a line once it is busy.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from benchmarks.client import Connection

_LARGE = 10_000_000
_UPLOAD = 50_000_000
STREAMS = 2_000
_NICE = 10
"""The callers have machines of their own: here they get what hub and Spaces leave of the cores."""


@contextlib.asynccontextmanager
async def busy(kind: str, port: int, prefix: str) -> AsyncIterator[None]:
    """A Space has busy callers of a `kind`: large-results, uploads or streams."""
    command = [sys.executable, "-m", "benchmarks.neighbours", kind, str(port), prefix]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    if not await process.stdout.readline():
        raise RuntimeError(f"the neighbours ({kind}) ended")
    yield
    process.kill()
    await process.wait()


async def large_results(port: int, prefix: str) -> None:
    """Four callers get 10 MB with each call."""

    async def work() -> None:
        connection = await Connection.open(port)
        connection.prefix = prefix
        while True:
            await connection.call("large", _LARGE)

    await _forever([work() for _ in range(4)])


async def uploads(port: int, prefix: str) -> None:
    """Two callers upload files of 50 MB, one after the other."""
    head, tail = b'--b\r\nContent-Disposition: form-data; name="files"; filename="f.bin"\r\n\r\n', b"\r\n--b--\r\n"
    body = head + bytes(_UPLOAD) + tail
    request = (
        f"POST {prefix}/gradio_api/upload HTTP/1.1\r\nHost: b\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            writer.write(request.encode())
            for start in range(0, len(body), 1 << 20):
                writer.write(body[start : start + (1 << 20)])
                await writer.drain()
            answer = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in answer[:20]:
                raise ConnectionError(f"upload: {answer!r}")
            length = int(answer.lower().split(b"content-length:")[1].split(b"\r")[0])
            await reader.readexactly(length)

    await _forever([work() for _ in range(2)])


async def streams(port: int, prefix: str) -> None:
    """2,000 callers have streams open, each with a new value twice a second."""
    connections = []
    for _ in range(STREAMS):
        connection = await Connection.open(port)
        connection.prefix = prefix
        event = await connection.submit("ticks", 3600)
        await connection.open_stream(f"{prefix}/gradio_api/call/ticks/{event}")
        connections.append(connection)
    await _forever([asyncio.sleep(3600)])


async def _forever(works: list[Coroutine[Any, Any, None]]) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    await asyncio.sleep(1)
    print("busy", flush=True)
    await asyncio.gather(*tasks)


if __name__ == "__main__":
    os.nice(_NICE)
    kinds = {"large-results": large_results, "uploads": uploads, "streams": streams}
    asyncio.run(kinds[sys.argv[1]](int(sys.argv[2]), sys.argv[3]))
