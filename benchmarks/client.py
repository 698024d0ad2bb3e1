"""A small HTTP/1.1 client for load: one kept connection, nothing checked beyond what the rows need.

A load generator beside the server takes its CPU from it, so this one does as little as it can.
"""

from __future__ import annotations

import asyncio
import json

_POST = b"POST %s HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
_GET = b"GET %s HTTP/1.1\r\nHost: b\r\n\r\n"


class Connection(asyncio.Protocol):
    """`await post(...)`, `await get(...)`: the body of the answer. One request at a time."""

    prefix = ""
    """Where the app stands below the server's address."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._buffer = bytearray()
        self._done: asyncio.Future[bytes] | None = None
        self._body_at = -1
        self._length = -1
        self.first_byte: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, port: int) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        if self._body_at < 0:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(buffer[:end]).lower()
            if b" 200 " not in head[:20]:
                self._fail(f"answer {bytes(buffer[:200])!r}")
                return
            self._body_at = end + 4
            at = head.find(b"content-length:")
            self._length = -1 if at < 0 else int(head[at + 15 :].split(b"\r", 1)[0])
        if self.first_byte is not None and len(buffer) > self._body_at and not self.first_byte.done():
            self.first_byte.set_result(None)
        if self._length >= 0:
            if len(buffer) >= self._body_at + self._length:
                self._finish()
        elif buffer.endswith(b"\r\n0\r\n\r\n"):
            self._finish()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(f"connection lost: {error}")

    def _finish(self) -> None:
        body = bytes(self._buffer[self._body_at :])
        self._buffer.clear()
        self._body_at = -1
        done, self._done = self._done, None
        if done is not None and not done.done():
            done.set_result(body)

    def _fail(self, text: str) -> None:
        done, self._done = self._done, None
        if done is not None and not done.done():
            done.set_exception(ConnectionError(text))

    async def _send(self, data: bytes) -> bytes:
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return await self._done

    async def post(self, path: str, body: bytes) -> bytes:
        return await self._send(_POST % (path.encode(), len(body), body))

    async def get(self, path: str) -> bytes:
        return await self._send(_GET % path.encode())

    async def open_stream(self, path: str) -> None:
        """Send a GET and return at the first bytes of the body; the rest is left unread."""
        self.first_byte = asyncio.get_running_loop().create_future()
        self._transport.write(_GET % path.encode())
        await self.first_byte

    async def submit(self, endpoint: str, value: object) -> str:
        answer = await self.post(f"{self.prefix}/gradio_api/call/{endpoint}", json.dumps({"data": [value]}).encode())
        return str(json.loads(answer)["event_id"])

    async def call(self, endpoint: str, value: object) -> bytes:
        """Both steps. The events of the second."""
        event_id = await self.submit(endpoint, value)
        events = await self.get(f"{self.prefix}/gradio_api/call/{endpoint}/{event_id}")
        if b"event: complete" not in events:
            raise ConnectionError(f"no result: {events[-200:]!r}")
        return events

    def close(self) -> None:
        self._transport.close()
