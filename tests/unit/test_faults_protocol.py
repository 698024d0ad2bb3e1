"""Heads and trailers without end, on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket

import pytest
import uvicorn
from tests.faults import fault

from spaceport.api.protocol import http_protocol


async def _app(scope, receive, send):
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message.get("body", b"")
        more = message.get("more_body", False)
    names = [name.decode() for name, _ in scope["headers"]]
    data = json.dumps([names, len(body)]).encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(data))]},
    )
    await send({"type": "http.response.body", "body": data})


@pytest.fixture
async def port():
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(_app, http=http_protocol(20.0), log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    yield listener.getsockname()[1]
    server.should_exit = True
    await task


async def sent(port, begin, piece=b"", times=0, end=b""):
    """What the server answers, and how many pieces it took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begin)
    taken = 0
    with contextlib.suppress(ConnectionError):
        while taken < times:
            writer.write(piece)
            await writer.drain()
            taken += 1
        writer.write(end)
        await writer.drain()
    found = b""
    with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
        found = await asyncio.wait_for(reader.read(1 << 16), 10)
    writer.close()
    return found, taken


HEAD = b"GET / HTTP/1.1\r\nhost: x\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"


@fault(
    kind="parser",
    given="a request whose head does not end: 60 MB of `X: a` lines, of one line, or of a path; or such trailers",
    before="one request took 1.2 GB of the server's memory, a Space's or a hub's",
    now="431 and the connection is closed after 64 KiB, and what one read from the socket brings",
)
@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (HEAD, b"x: a\r\n" * 170_000),
        (HEAD + b"x: ", b"a" * (1 << 20)),
        (b"GET /", b"a" * (1 << 20)),
        (b"GET / HTTP/1.1\r\n", b"a" * (1 << 20)),
        (CHUNKED, b"x: a\r\n" * 170_000),
        (CHUNKED + b"x: ", b"a" * (1 << 20)),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5;", b"a" * (1 << 20)),
    ],
)
async def test_a_head_without_end(port, begin, piece):
    found, taken = await sent(port, begin, piece, 60)
    assert taken < 59
    assert found == b"" or found.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))


@pytest.mark.parametrize("size", [60 << 10, 400 << 10])
async def test_the_bound_of_a_head(port, size):
    """Just below it a head is fine, however it arrives."""
    piece = b"x: " + b"a" * 1019 + b"\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD)
    with contextlib.suppress(ConnectionError):
        for _ in range(size // 1024):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.001)
        writer.write(b"\r\n")
        await writer.drain()
    found = b""
    with contextlib.suppress(ConnectionError):
        found = await asyncio.wait_for(reader.read(1 << 16), 10)
    writer.close()
    assert found.startswith(b"HTTP/1.1 200 ") if size < 64 << 10 else not found.startswith(b"HTTP/1.1 200 ")


async def test_a_long_body_and_many_requests_are_no_long_head(port):
    body = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    found, _ = await sent(port, CHUNKED.partition(b"5\r\n")[0], body, 40, b"0\r\n\r\n")
    assert found.endswith(b", 2621440]")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(300):
        writer.write(HEAD + b"x: " + b"a" * 1000 + b"\r\n\r\n")
        assert (await reader.readuntil(b"]"))[:15] == b"HTTP/1.1 200 OK"
        await reader.readexactly(len(b", 0]"))
    writer.close()


async def test_trailers_are_no_headers(port):
    found, _ = await sent(port, CHUNKED + b"authorization: Bearer x\r\n\r\n")
    assert b"authorization" not in found
    assert found.endswith(b", 5]")
