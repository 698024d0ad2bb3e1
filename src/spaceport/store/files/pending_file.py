"""A file that is being written: counted, bounded and hashed on its way to the disk."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from spaceport.errors import StorageFull, TooLarge
from spaceport.store.files.limits import FileLimits


class Destination(Protocol):
    """The store that a pending file is written for."""

    limits: FileLimits

    def reserve(self, caller: str, size: int) -> None: ...
    def release(self, caller: str, size: int) -> None: ...
    def place(self, draft: Path, content: bytes, name: str, owner: str, caller: str, size: int) -> Path: ...


class PendingFile:
    """Use it in a `with` statement: unless `finish` was called, nothing of the file stays."""

    def __init__(self, store: Destination, folder: Path, name: str, owner: str, caller: str) -> None:
        """`folder` holds the bytes until `finish` moves them to their place."""
        self.name = name
        self.size = 0
        self._store = store
        self._owner = owner
        self._caller = caller
        self._path = folder / secrets.token_hex(16)
        self._file: BinaryIO = self._path.open("xb")
        self._hash = hashlib.sha256()
        self._open = True

    def __enter__(self) -> PendingFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, data: bytes) -> None:
        """Raises `TooLarge`, and `StorageFull` if the budget or the disk is full."""
        limit = self._store.limits.file
        if limit is not None and self.size + len(data) > limit:
            raise TooLarge(f"File size exceeded maximum allowed size of {limit} bytes.")
        self._store.reserve(self._caller, len(data))
        self.size += len(data)
        self._hash.update(data)
        with full_disk_reported():
            self._file.write(data)

    def finish(self) -> Path:
        """Move the file to its place in the store. Raises `StorageFull` if the disk is full."""
        with full_disk_reported():
            self._file.close()
            digest = self._hash.digest()
            path = self._store.place(self._path, digest, self.name, self._owner, self._caller, self.size)
        self._open = False
        return path

    def close(self) -> None:
        """Remove the file unless it is finished."""
        if self._open:
            self._open = False
            with contextlib.suppress(OSError):
                self._file.close()
            self._path.unlink(missing_ok=True)
            self._store.release(self._caller, self.size)


@contextlib.contextmanager
def full_disk_reported() -> Iterator[None]:
    """Raises `StorageFull` if the disk has no room for what is written inside."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("The disk of this Space is full. Try again later.") from error
        raise
