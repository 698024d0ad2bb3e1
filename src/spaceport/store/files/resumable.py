"""Resumable uploads: their bytes and metadata are on disk until the last byte has arrived.

<private>/partial/<id>        bytes so far
<private>/partial/<id>.json   name, owner, length; at the end, the path
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from spaceport.errors import Conflict, InvalidInput, NotFound, StorageFull, TooLarge
from spaceport.store.files.names import file_name
from spaceport.store.files.pending_file import full_disk_reported
from spaceport.store.files.store import FileStore
from spaceport.store.files.unfinished import UnfinishedUploads

_MAX_UPLOADS = 10_000
"""Uploads of all callers; the finished ones among them are forgotten first."""
_MAX_PER_CALLER = 1_000
"""Unfinished uploads of one caller."""
_SHARE = 2
"""Unfinished uploads may have one part in so many of the store's bytes: the rest is left for files."""
_ID = re.compile(r"[0-9a-f]{32}")
_GONE = "There is no such upload, or no longer."


class _Metadata(msgspec.Struct):
    name: str
    owner: str
    caller: str
    length: int
    path: str | None = None


@dataclass(slots=True)
class Partial:
    """An upload. `offset` bytes of `length` have arrived; `path` is set when all have."""

    id: str
    offset: int
    length: int
    path: str | None


class ResumableUploads:
    """Safe from any thread; each upload has one writer.

    An upload is removed if nobody continues it for `ttl_s`, and earlier where there is no room (`UnfinishedUploads`).
    """

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._folder = store.private_subfolder("partial", formerly=".partial")
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        """Held while uploads begin and end."""
        self._unfinished = UnfinishedUploads()
        self._finished: dict[str, None] = {}
        """The oldest first."""
        for used_at, place in sorted((_used_at(place), place) for place in self._folder.glob("*.json")):  # from before
            metadata = msgspec.json.decode(place.read_bytes(), type=_Metadata)
            if metadata.path is None:
                size = self._size(place.stem)
                store.charge(metadata.caller, size)
                self._unfinished.add(place.stem, metadata.caller, size, used_at)
            else:
                self._finished[place.stem] = None

    def create(self, name: str, owner: str, caller: str, length: int) -> str:
        """A new upload of `length` bytes. Raises `InvalidInput` (its name), `TooLarge`, `StorageFull`."""
        limit = self._store.limits.file
        if limit is not None and length > limit:
            raise TooLarge(f"File size exceeded maximum allowed size of {limit} bytes.")
        if length > self._store.limits.total // _SHARE:
            raise TooLarge(
                f"A resumable upload may have {self._store.limits.total // _SHARE} bytes here: half of what all files"
                " may have (SPACEPORT_FILES_BYTES). Send it to `upload` in one request."
            )
        if length < 0:
            raise InvalidInput("Upload-Length must be the number of bytes of the file.")
        metadata = _Metadata(file_name(name), owner, caller, length)
        found = secrets.token_hex(16)
        self._register(found, caller)
        try:
            with full_disk_reported():
                (self._folder / found).touch()
                self._write(found, metadata)
        except BaseException:
            self._remove(found)
            raise
        return found

    def _register(self, upload: str, caller: str) -> None:
        """Count an upload; an older one may give way for it. Raises `StorageFull`."""
        with self._lock:
            if self._unfinished.count(caller) >= _MAX_PER_CALLER:
                raise StorageFull(f"You have {_MAX_PER_CALLER} unfinished uploads, the limit. Finish or delete some.")
            if len(self._unfinished) + len(self._finished) >= _MAX_UPLOADS:
                forgotten = next(iter(self._finished), None) or self._unfinished.largest_count(caller)
                if forgotten is None:
                    raise StorageFull("Too many unfinished uploads. Try again later.")
                self._forget(forgotten)
            self._unfinished.add(upload, caller, 0, time.time())

    def get(self, upload: str, owner: str) -> Partial:
        """Raises `NotFound`, also for an upload of another owner."""
        metadata = self._read(upload, owner)
        offset = metadata.length if metadata.path is not None else self._size(upload)
        return Partial(upload, offset, metadata.length, metadata.path)

    @contextlib.contextmanager
    def writing(self, upload: str, owner: str, offset: int) -> Iterator[Partial]:
        """Reserve an upload for `add`. Raises `NotFound`, and `Conflict` for a second writer or a wrong offset."""
        found = self.get(upload, owner)
        if upload in self._busy:
            raise Conflict("This upload is already being sent by another request.")
        if found.offset != offset:
            raise Conflict(f"The upload has {found.offset} bytes; continue from there.")
        self._busy.add(upload)
        try:
            yield found
        finally:
            self._busy.discard(upload)

    def add(self, upload: str, owner: str, data: bytes) -> Partial:
        """Append bytes. Raises `TooLarge` for more than `length`, and `StorageFull`."""
        metadata = self._read(upload, owner)
        before = self._size(upload)
        if before + len(data) > metadata.length:
            raise TooLarge(f"The upload has more bytes than the {metadata.length} of its Upload-Length.")
        self._reserve(upload, metadata.caller, len(data))
        written = 0
        try:
            with full_disk_reported(), (self._folder / upload).open("r+b", buffering=0) as file:
                file.seek(before)
                while written < len(data):
                    written += file.write(data[written:]) or 0
        except FileNotFoundError:
            raise NotFound(_GONE) from None
        finally:
            counted = self._unfinished.grow(upload, written)
            self._store.release(metadata.caller, len(data) - (written if counted else 0))
        return self.get(upload, owner)

    def _reserve(self, upload: str, caller: str, size: int) -> None:
        """Count bytes before they are written; other unfinished uploads may give way for them. Raises `StorageFull`."""
        while self._unfinished.total_bytes() + size > self._store.limits.total // _SHARE:
            other = self._unfinished.largest_share(caller, size) or self._unfinished.idle(caller, upload)
            if other is None:
                raise StorageFull("This Space has no room for more unfinished uploads. Try again later.")
            self._remove(other)
        while not self._store.has_room(caller, size) and (idle := self._unfinished.idle(caller, upload)) is not None:
            self._remove(idle)
        self._store.reserve(caller, size)

    def finish(self, upload: str, owner: str) -> Path:
        """Move the complete file to its place in the store. Raises `StorageFull`."""
        metadata = self._read(upload, owner)
        place, digest = self._folder / upload, hashlib.sha256()
        try:
            with place.open("rb") as file:
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
        except FileNotFoundError:
            raise NotFound(_GONE) from None
        with self._lock:
            claimed = self._unfinished.remove(upload)
        if claimed is None:
            raise NotFound(_GONE)
        try:
            with full_disk_reported():
                path = self._store.place(
                    place, digest.digest(), metadata.name, metadata.owner, metadata.caller, metadata.length
                )
        except BaseException:
            self._unfinished.add(upload, *claimed, time.time())
            raise
        metadata.path = str(path)
        with full_disk_reported():
            self._write(upload, metadata)
        with self._lock:
            self._finished[upload] = None
        return path

    def delete(self, upload: str, owner: str) -> None:
        """Remove an upload; a finished file stays. Raises `NotFound`."""
        self._read(upload, owner)
        self._remove(upload)

    def sweep(self) -> None:
        """Remove uploads that were not continued for `ttl_s`."""
        old = time.time() - self._store.limits.ttl_s
        for metadata in self._folder.glob("*.json"):
            if _used_at(metadata) < old and metadata.stem not in self._busy:
                self._remove(metadata.stem)

    def _remove(self, upload: str) -> None:
        with self._lock:
            self._forget(upload)

    def _forget(self, upload: str) -> None:
        """Remove an upload, although it may be under way. The caller holds the lock."""
        self._finished.pop(upload, None)
        counted = self._unfinished.remove(upload)
        if counted is not None:
            self._store.release(*counted)
        for place in (self._folder / upload, self._folder / f"{upload}.json"):
            place.unlink(missing_ok=True)

    def _size(self, upload: str) -> int:
        """Bytes so far; 0 once the file is in its place."""
        try:
            return (self._folder / upload).stat().st_size
        except OSError:
            return 0

    def _read(self, upload: str, owner: str) -> _Metadata:
        try:
            raw = (self._folder / f"{upload}.json").read_bytes() if _ID.fullmatch(upload) else b""
            metadata = msgspec.json.decode(raw, type=_Metadata)
        except (OSError, msgspec.DecodeError):
            raise NotFound(_GONE) from None
        if metadata.owner != owner:
            raise NotFound(_GONE)
        return metadata

    def _write(self, upload: str, metadata: _Metadata) -> None:
        draft = self._folder / f"{upload}.new"
        draft.write_bytes(msgspec.json.encode(metadata))
        draft.replace(self._folder / f"{upload}.json")


def _used_at(metadata: Path) -> float:
    """When an upload was last continued; 0 for one that has just been removed."""
    return max((one.stat().st_mtime for one in (metadata, metadata.with_suffix("")) if one.exists()), default=0.0)
