"""The link: what a hub and a replica of a Space of ours say on one kept connection (docs/adr/0005).

The meaning is HTTP's: exchanges of a request and an answer, any number at once, each by its number. The hub begins with
`PREFACE` and gets it back. Then both send frames: the length of a message in four bytes, the big end first, and the
message, a MessagePack array.
"""

from __future__ import annotations

import msgspec

PREFACE = b"SPACEPORT LINK/1\r\n\r\n"
LEAVE = ""
"""The method of who wants to hear no more of an exchange."""
MORE, LAST, BROKEN = range(3)
"""What follows an answer's part: another, nothing, or nothing though it is not whole."""


class Request(msgspec.Struct, array_like=True, gc=False):
    number: int
    method: str
    path: str = ""
    """Quoted, without the query."""
    query: bytes = b""
    headers: list[tuple[bytes, bytes]] = []
    body: bytes = b""


class Part(msgspec.Struct, array_like=True, gc=False):
    """The first one of an answer has its status, those after it 0."""

    number: int
    status: int
    headers: list[tuple[bytes, bytes]]
    chunk: bytes
    follows: int


_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Request)
_parts = msgspec.msgpack.Decoder(Part)


def pack(message: Request | Part) -> bytes:
    """A frame."""
    data = _encoder.encode(message)
    return len(data).to_bytes(4, "big") + data


def request(frame: bytes) -> Request:
    """Raises `msgspec.DecodeError`."""
    return _requests.decode(frame)


def part(frame: bytes) -> Part:
    """Raises `msgspec.DecodeError`."""
    return _parts.decode(frame)


class Frames:
    """Cuts what comes into messages."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Those that are whole now."""
        size = len(data)
        if not self._held and size >= 4 and int.from_bytes(data[:4], "big") == size - 4:  # most come alone
            return [data[4:]]
        held = self._held
        held += data
        found = []
        at = 0
        while len(held) - at >= 4:
            end = at + 4 + int.from_bytes(held[at : at + 4], "big")
            if end > len(held):
                break
            found.append(bytes(held[at + 4 : end]))
            at = end
        del held[:at]
        return found
