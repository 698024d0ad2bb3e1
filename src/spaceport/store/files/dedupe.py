"""Deduplicated uploads: a caller who proves to have a content that is stored already need not send it.

A hash alone proves nothing: the server asks for some pieces of the content, which it chooses with its secret.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from spaceport.errors import NotFound
from spaceport.store.files.names import file_name
from spaceport.store.files.store import FileStore

_PIECE_COUNT = 4
_PIECE_BYTES = 64 << 10
_NOT_STORED = "This content is not stored here. Upload it."


class ContentIndex:
    """Finds stored content that an owner, or everybody, may read."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    def pieces(self, content: bytes, size: int, name: str, owner: str) -> list[tuple[int, int]]:
        """Offset and length of the pieces that prove possession of a content. Raises `NotFound`."""
        self._find(content, size, name, owner)
        return self._pieces(content, size)

    def verify_possession(self, content: bytes, size: int, name: str, owner: str, caller: str, data: bytes) -> Path:
        """The path of the content under this name, if `data` are its pieces. Raises `NotFound`."""
        path = self._find(content, size, name, owner)
        with path.open("rb") as file:
            stored = bytearray()
            for offset, length in self._pieces(content, size):
                file.seek(offset)
                stored += file.read(length)
        if bytes(stored) != data:
            raise NotFound(_NOT_STORED)
        return self._store.link_as(path, file_name(name), caller)

    def _find(self, content: bytes, size: int, name: str, owner: str) -> Path:
        path = self._store.with_content(content, file_name(name), owner)
        if path is None or path.stat().st_size != size:
            raise NotFound(_NOT_STORED)
        return path

    def _pieces(self, content: bytes, size: int) -> list[tuple[int, int]]:
        if size <= _PIECE_COUNT * _PIECE_BYTES:
            return [(0, size)]
        digests = [
            hashlib.blake2b(content + bytes([i]), key=self._store.key, digest_size=8) for i in range(_PIECE_COUNT)
        ]
        return [(int.from_bytes(one.digest(), "big") % (size - _PIECE_BYTES), _PIECE_BYTES) for one in digests]
