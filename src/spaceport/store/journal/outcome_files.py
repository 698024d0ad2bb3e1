"""The results that are too large for a row of the journal, each in a file of its own beside it.

A row of ten megabytes takes SQLite tens of milliseconds, in which all other calls wait for their commit, and is written
twice: into the log, and from there into the database. A file is written by a thread meanwhile.

A file is complete before the row that names it is written, and goes after that row: what a crash leaves behind is a
file that no row names, which the next start deletes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

Written = Callable[[Exception | None], None]


class OutcomeFiles:
    """Create it inside the running loop. `folder` is made with the first file. Loop thread only."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        """`durable`: a file is on the disk before it counts as written."""
        self._loop = asyncio.get_running_loop()
        self._folder = folder
        self._durable = durable
        self._writes: set[asyncio.Future[None]] = set()
        self._earlier = self._names()
        self.unchecked = True
        """Whether nobody has looked yet at what earlier processes left behind."""

    def write(self, name: str, data: bytes | bytearray, done: Written) -> None:
        """Write a file in a thread; `done` runs in the loop, with an `OSError` if it could not be written."""
        future = self._loop.run_in_executor(None, self._write, name, data)
        self._writes.add(future)

        def ended(_: asyncio.Future[None]) -> None:
            self._writes.discard(future)
            done(future.exception())  # type: ignore[arg-type]

        future.add_done_callback(ended)

    def _write(self, name: str, data: bytes | bytearray) -> None:
        path = self._folder / name
        try:
            with contextlib.suppress(FileExistsError):
                self._folder.mkdir(mode=0o700)
            with open(path, "wb", opener=_private) as file:  # Path.open takes no opener
                file.write(data)
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            if self._durable:
                _sync_folder(self._folder)
        except OSError:
            with contextlib.suppress(OSError):
                path.unlink()
            raise

    async def read(self, name: str) -> bytes | None:
        """None: there is no such file."""
        try:
            return await self._loop.run_in_executor(None, (self._folder / name).read_bytes)
        except FileNotFoundError:
            return None

    async def delete(self, names: Collection[str]) -> None:
        """Delete files, which may be gone already."""
        if names:
            await self._loop.run_in_executor(None, self._delete, names)

    def _delete(self, names: Iterable[str]) -> None:
        for name in names:
            with contextlib.suppress(OSError):
                (self._folder / name).unlink()

    async def sweep(self, named: Collection[str]) -> None:
        """Delete the files of earlier processes that no row names, before any of their jobs runs again."""
        self.unchecked = False
        await self.delete(self._earlier.difference(named))
        self._earlier.clear()

    def _names(self) -> set[str]:
        try:
            return set(os.listdir(self._folder))  # noqa: PTH208
        except OSError:
            return set()

    async def close(self) -> None:
        """Wait for what is being written. All `done` have been called then."""
        while self._writes:
            await asyncio.wait(self._writes)
            await asyncio.sleep(0)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
