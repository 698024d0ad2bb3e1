"""An answer's head is written with its body, or alone when no body comes in the same turn."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from spaceport.api.protocol import http_protocol

_REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


class _Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.writes.append(b"closed")

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def _answered(app: Any) -> list[bytes]:
    transport = _Transport()
    config = Config(app, log_config=None)
    config.load()
    protocol = http_protocol(5.0)(config, ServerState(), {})
    protocol.connection_made(transport)
    protocol.data_received(_REQUEST)
    await asyncio.sleep(0.02)
    protocol.connection_lost(None)
    return transport.writes


async def _start(send: Any, length: int) -> None:
    headers = [(b"content-length", b"%d" % length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def test_one_write_an_answer() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await _start(send, 5)
        await send({"type": "http.response.body", "body": b"hello"})

    (answer, _) = await _answered(app)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nhello")


async def test_a_head_does_not_wait_for_a_late_body() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await _start(send, 5)
        await asyncio.sleep(0.005)
        await send({"type": "http.response.body", "body": b"hel", "more_body": True})
        await send({"type": "http.response.body", "body": b"lo"})

    head, *rest, _ = await _answered(app)
    assert head.endswith(b"\r\n\r\n")
    assert rest == [b"hel", b"lo"]


async def test_a_head_goes_out_before_the_connection_is_closed() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"0"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    answer, closed, *_ = await _answered(app)
    assert answer.endswith(b"\r\n\r\n")
    assert closed == b"closed"
