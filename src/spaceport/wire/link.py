"""The link: one persistent connection on which a hub calls a replica of a Space of ours (docs/adr/0005).

It carries any number of HTTP requests and their responses at once, each pair with a number. The hub sends `PREFACE`,
and the replica sends it back. Then both sides send frames: a length in four bytes, big-endian, and that many bytes of
MessagePack, which are an array. No frame is longer than `MAX_FRAME`: long responses are sent in several parts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated

import msgspec

PREFACE = b"SPACEPORT LINK/1\r\n\r\n"
LEAVE = ""
"""The method of a message that cancels the request with its number: nobody reads the response any more."""
MORE, LAST, BROKEN = range(3)
"""What follows a part: another part, nothing, or nothing although the response is incomplete."""
MAX_FRAME = 16 << 20
MAX_CHUNK = 1 << 20
"""Bytes of a response in one part."""
MAX_BODY = 8 << 20
"""Bytes of a request's body. A larger request is sent over HTTP."""
_MAX_HEADERS = 1000
"""Headers of a message. Each takes 20 times its size of the frame in memory."""
_MAX_HELD = 256 << 10
"""Bytes of frames that wait for the end of a turn."""

Headers = Annotated[list[tuple[bytes, bytes]], msgspec.Meta(max_length=_MAX_HEADERS)]


class MalformedFrame(ValueError):
    """The other side does not speak this protocol."""


class Request(msgspec.Struct, array_like=True, gc=False):
    number: int
    method: str
    path: str = ""
    """Quoted, without the query."""
    query: bytes = b""
    headers: Headers = []
    body: bytes = b""


class Part(msgspec.Struct, array_like=True, gc=False):
    """A part of a response. The first part has its status, the others have 0."""

    number: int
    status: Annotated[int, msgspec.Meta(ge=0, lt=600)]
    headers: Headers
    chunk: bytes
    follows: int


_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Request)
_parts = msgspec.msgpack.Decoder(Part)


def pack(message: Request | Part) -> bytes:
    """A message as a frame."""
    data = _encoder.encode(message)
    return len(data).to_bytes(4, "big") + data


def split(part: Part) -> Iterator[Part]:
    """Split a part into several, so that none has more than `MAX_CHUNK` bytes."""
    chunk, status, headers = part.chunk, part.status, part.headers
    for start in range(0, max(1, len(chunk)), MAX_CHUNK):
        end = start + MAX_CHUNK
        yield Part(part.number, status, headers, chunk[start:end], part.follows if end >= len(chunk) else MORE)
        status, headers = 0, []


def request(frame: bytes) -> Request:
    """Decode a frame that the hub sent. Raises `MalformedFrame`."""
    try:
        return _requests.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedFrame(str(error)) from None


def part(frame: bytes) -> Part:
    """Decode a frame that the replica sent. Raises `MalformedFrame`."""
    try:
        return _parts.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedFrame(str(error)) from None


class Outbox:
    """Writes frames: the first one of a turn of the event loop at once, all others of that turn together.

    A single call is not delayed, and many calls cost one write.
    """

    __slots__ = ("_held", "_held_bytes", "_loop", "_written", "transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._written = False
        """Whether something has been written in this turn."""

    def write(self, frame: bytes) -> None:
        if self._written:
            self._held.append(frame)
            self._held_bytes += len(frame)
            if self._held_bytes > _MAX_HELD:
                self._write_held()
        else:
            self._written = True
            self._loop.call_soon(self._flush)
            self.transport.write(frame)

    def _flush(self) -> None:
        self._written = False
        self._write_held()

    def _write_held(self) -> None:
        if self._held:
            held, self._held, self._held_bytes = self._held, [], 0
            self.transport.write(b"".join(held))

    def close(self) -> None:
        """Close the connection once everything is written."""
        self._flush()
        self.transport.close()


class Frames:
    """Cuts the bytes of a connection into messages."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are complete now. Raises `MalformedFrame` for a length above `MAX_FRAME`."""
        size = len(data)
        if not self._held and 4 <= size == int.from_bytes(data[:4], "big") + 4:  # most messages arrive alone and whole
            return [data[4:]]
        held = self._held
        held += data
        found = []
        start = 0
        with memoryview(held) as view:
            while len(view) - start >= 4:
                length = int.from_bytes(view[start : start + 4], "big")
                if length > MAX_FRAME:
                    raise MalformedFrame(f"A frame has {length} bytes; at most {MAX_FRAME} are allowed.")
                end = start + 4 + length
                if end > len(view):
                    break
                found.append(bytes(view[start + 4 : end]))
                start = end
        del held[:start]
        return found
