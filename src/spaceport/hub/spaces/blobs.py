"""The contents of files that are being downloaded: one unnamed copy a blob, which all its readers share.

The copy never has a name on the disk, so that it is gone with its last reader, also where a reader breaks off or the
hub is killed.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

from spaceport.errors import StorageFull
from spaceport.hub.spaces.repository import Repo

_MAX_OPEN_BYTES = 8 << 30


class _Copy:
    __slots__ = ("file", "readers", "size")

    def __init__(self, file: asyncio.Task[IO[bytes]], size: int) -> None:
        self.file = file
        self.readers = 0
        self.size = size


class OpenBlobs:
    """Copies in use. Belongs to one event loop."""

    def __init__(self, max_bytes: int = _MAX_OPEN_BYTES) -> None:
        self._copies: dict[str, _Copy] = {}
        self._bytes = 0
        self._max_bytes = max_bytes

    def check(self, oid: str, size: int) -> None:
        """Raises `StorageFull` where too much is being downloaded for another copy."""
        if oid not in self._copies and self._bytes + size > self._max_bytes:
            raise StorageFull("Too many large files are being downloaded. Try again later.", 10)

    @asynccontextmanager
    async def open(self, repo: Repo, oid: str, size: int) -> AsyncIterator[int]:
        """A file descriptor to read the blob from with `os.pread`, while this is entered. Raises `StorageFull`."""
        self.check(oid, size)
        copy = self._copies.get(oid)
        if copy is None:
            copy = self._copies[oid] = _Copy(asyncio.ensure_future(asyncio.to_thread(_copied, repo, oid)), size)
            self._bytes += size
        copy.readers += 1
        try:
            yield (await asyncio.shield(copy.file)).fileno()
        finally:
            copy.readers -= 1
            if not copy.readers:
                del self._copies[oid]
                if copy.file.done():
                    self._close(copy)
                else:
                    copy.file.add_done_callback(lambda _: self._close(copy))

    def _close(self, copy: _Copy) -> None:
        self._bytes -= copy.size
        if not copy.file.cancelled() and copy.file.exception() is None:
            copy.file.result().close()


def _copied(repo: Repo, oid: str) -> IO[bytes]:
    file = tempfile.TemporaryFile(prefix="spaceport-")  # noqa: SIM115  its last reader closes it
    try:
        repo.copy_to(oid, file)
        file.flush()
    except BaseException:
        file.close()
        raise
    return file
