"""Uploads of what is here already: a caller names the content's hash, shows that he has it, and need not send it.

Who knows a hash alone learns nothing: the server asks for some pieces of the content, chosen by its secret.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from spaceport.errors import NotFound
from spaceport.store.files.store import FileStore, file_name

_PIECES = 4
_PIECE = 64 << 10
_NOT_KNOWN = "This content is not known here. Upload it."


class ContentIndex:
    """Content that its owner, or everybody, may read."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    def pieces(self, content: bytes, size: int, name: str, owner: str) -> list[tuple[int, int]]:
        """Offset and length of the pieces that prove a content of this SHA-256. Raises `NotFound`."""
        self._find(content, size, name, owner)
        return self._pieces(content, size)

    def verify_possession(self, content: bytes, size: int, name: str, owner: str, caller: str, data: bytes) -> Path:
        """The path of the content under this name, for who has sent its pieces. Raises `NotFound`."""
        path = self._find(content, size, name, owner)
        with path.open("rb") as file:
            held = bytearray()
            for offset, length in self._pieces(content, size):
                file.seek(offset)
                held += file.read(length)
        if bytes(held) != data:
            raise NotFound(_NOT_KNOWN)
        return self._store.link_as(path, file_name(name), caller)

    def _find(self, content: bytes, size: int, name: str, owner: str) -> Path:
        path = self._store.with_content(content, file_name(name), owner)
        if path is None or path.stat().st_size != size:
            raise NotFound(_NOT_KNOWN)
        return path

    def _pieces(self, content: bytes, size: int) -> list[tuple[int, int]]:
        if size <= _PIECES * _PIECE:
            return [(0, size)]
        seeds = [hashlib.blake2b(content + bytes([i]), key=self._store.seed, digest_size=8) for i in range(_PIECES)]
        return [(int.from_bytes(one.digest(), "big") % (size - _PIECE), _PIECE) for one in seeds]
