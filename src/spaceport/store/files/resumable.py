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

_MAX_UPLOADS = 10_000
"""Uploads of all callers; the finished ones among them are forgotten first."""
_MAX_PER_CALLER = 1_000
"""Unfinished uploads of one caller."""
_ID = re.compile(r"[0-9a-f]{32}")


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
    """Safe from any thread; each upload has one writer. An upload is removed if nobody continues it for `ttl_s`."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._folder = store.private_subfolder("partial", formerly=".partial")
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        """Guards the two below."""
        self._unfinished: dict[str, str] = {}
        """The caller of each."""
        self._finished: dict[str, None] = {}
        """The oldest first."""
        for place in self._folder.glob("*.json"):  # of an earlier process
            metadata = msgspec.json.decode(place.read_bytes(), type=_Metadata)
            store.charge(metadata.caller, self._size(place.stem))
            if metadata.path is None:
                self._unfinished[place.stem] = metadata.caller
            else:
                self._finished[place.stem] = None

    def create(self, name: str, owner: str, caller: str, length: int) -> str:
        """A new upload of `length` bytes. Raises `InvalidInput` (its name), `TooLarge`, `StorageFull`."""
        limit = self._store.limits.file
        if limit is not None and length > limit:
            raise TooLarge(f"File size exceeded maximum allowed size of {limit} bytes.")
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
            self._remove(found, metadata)
            raise
        return found

    def _register(self, upload: str, caller: str) -> None:
        """Count an upload. Raises `StorageFull`."""
        with self._lock:
            if list(self._unfinished.values()).count(caller) >= _MAX_PER_CALLER:
                raise StorageFull(f"You have {_MAX_PER_CALLER} unfinished uploads, the limit. Finish or delete some.")
            full = len(self._unfinished) + len(self._finished) >= _MAX_UPLOADS
            if full and not self._finished:
                raise StorageFull("Too many unfinished uploads. Try again later.")
            forgotten = next(iter(self._finished)) if full else None
            if forgotten is not None:
                del self._finished[forgotten]
            self._unfinished[upload] = caller
        if forgotten is not None:
            (self._folder / f"{forgotten}.json").unlink(missing_ok=True)

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
        self._store.reserve(metadata.caller, len(data))
        try:
            with full_disk_reported(), (self._folder / upload).open("ab") as file:
                file.write(data)
        finally:
            self._store.release(metadata.caller, before + len(data) - self._size(upload))
        return self.get(upload, owner)

    def finish(self, upload: str, owner: str) -> Path:
        """Move the complete file to its place in the store. Raises `StorageFull`."""
        metadata = self._read(upload, owner)
        place = self._folder / upload
        digest = hashlib.sha256()
        with place.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        with full_disk_reported():
            path = self._store.place(
                place, digest.digest(), metadata.name, metadata.owner, metadata.caller, metadata.length
            )
        metadata.path = str(path)
        self._write(upload, metadata)
        with self._lock:
            if self._unfinished.pop(upload, None) is not None:
                self._finished[upload] = None
        return path

    def delete(self, upload: str, owner: str) -> None:
        """Remove an upload; a finished file stays. Raises `NotFound`."""
        self._remove(upload, self._read(upload, owner))

    def sweep(self) -> None:
        """Remove uploads that were not continued for `ttl_s`."""
        old = time.time() - self._store.limits.ttl_s
        for metadata in self._folder.glob("*.json"):
            place = metadata.with_suffix("")
            used = max(one.stat().st_mtime for one in (metadata, place) if one.exists())
            if used < old and place.name not in self._busy:
                self._remove(place.name, msgspec.json.decode(metadata.read_bytes(), type=_Metadata))

    def _remove(self, upload: str, metadata: _Metadata) -> None:
        self._store.release(metadata.caller, self._size(upload))
        for place in (self._folder / upload, self._folder / f"{upload}.json"):
            place.unlink(missing_ok=True)
        with self._lock:
            self._unfinished.pop(upload, None)
            self._finished.pop(upload, None)

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
            raise NotFound("There is no such upload.") from None
        if metadata.owner != owner:
            raise NotFound("There is no such upload.")
        return metadata

    def _write(self, upload: str, metadata: _Metadata) -> None:
        draft = self._folder / f"{upload}.new"
        draft.write_bytes(msgspec.json.encode(metadata))
        draft.replace(self._folder / f"{upload}.json")
