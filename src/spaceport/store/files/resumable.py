"""Uploads that can stop and go on: their bytes and facts lie on disk until the last byte has come.

<folder>/.partial/<id>        bytes so far
<folder>/.partial/<id>.json   name, owner, length; at the end, the path
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from spaceport.errors import Conflict, InvalidInput, NotFound, StorageFull, TooLarge
from spaceport.store.files.store import FileStore, file_name, on_disk

_FOLDER = ".partial"
_MOST = 10_000
_ID = re.compile(r"[0-9a-f]{32}")


class _Facts(msgspec.Struct):
    name: str
    owner: str
    caller: str
    length: int
    path: str | None = None


@dataclass(slots=True)
class Partial:
    """An upload. `offset` bytes of `length` are here; `path` once all are."""

    id: str
    offset: int
    length: int
    path: str | None


class ResumableUploads:
    """Safe from any thread, one writer for each upload. What nobody has added to for the store's `ttl_s` goes."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._folder = store.folder / _FOLDER
        self._folder.mkdir(exist_ok=True)
        self._busy: set[str] = set()
        self._count = 0
        for place in self._folder.glob("*.json"):  # of an earlier process
            self._count += 1
            facts = msgspec.json.decode(place.read_bytes(), type=_Facts)
            store.charge(facts.caller, self._size(place.stem))

    def create(self, name: str, owner: str, caller: str, length: int) -> str:
        """A new upload of `length` bytes. Raises `InvalidInput` (its name), `TooLarge`, `StorageFull`."""
        limit = self._store.limits.file
        if limit is not None and length > limit:
            raise TooLarge(f"File size exceeded maximum allowed size of {limit} bytes.")
        if length < 0:
            raise InvalidInput("Upload-Length is the number of bytes of the file.")
        if self._count >= _MOST:
            raise StorageFull("Too many uploads are on their way. Try again later.")
        self._count += 1
        found = secrets.token_hex(16)
        (self._folder / found).touch()
        self._write(found, _Facts(file_name(name), owner, caller, length))
        return found

    def get(self, upload: str, owner: str) -> Partial:
        """Raises `NotFound`, also for another's."""
        facts = self._read(upload, owner)
        offset = facts.length if facts.path is not None else self._size(upload)
        return Partial(upload, offset, facts.length, facts.path)

    @contextlib.contextmanager
    def writing(self, upload: str, owner: str, offset: int) -> Iterator[Partial]:
        """Hold an upload to `add` to it. Raises `NotFound`, and `Conflict` for a second writer or another offset."""
        found = self.get(upload, owner)
        if upload in self._busy:
            raise Conflict("Somebody is sending this upload already.")
        if found.offset != offset:
            raise Conflict(f"{found.offset} bytes are here; go on from there.")
        self._busy.add(upload)
        try:
            yield found
        finally:
            self._busy.discard(upload)

    def add(self, upload: str, owner: str, data: bytes) -> Partial:
        """Append bytes. Raises `TooLarge` for more than were announced, `StorageFull`."""
        facts = self._read(upload, owner)
        before = self._size(upload)
        if before + len(data) > facts.length:
            raise TooLarge(f"The upload has more than the {facts.length} bytes that were announced.")
        self._store.reserve(facts.caller, len(data))
        try:
            with on_disk(), (self._folder / upload).open("ab") as file:
                file.write(data)
        finally:
            self._store.release(facts.caller, before + len(data) - self._size(upload))
        return self.get(upload, owner)

    def finish(self, upload: str, owner: str) -> Path:
        """The whole file in its place. Raises `StorageFull`."""
        facts = self._read(upload, owner)
        place = self._folder / upload
        digest = hashlib.sha256()
        with place.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        with on_disk():
            path = self._store.place(place, digest.digest(), facts.name, facts.owner, facts.caller, facts.length)
        facts.path = str(path)
        self._write(upload, facts)
        return path

    def delete(self, upload: str, owner: str) -> None:
        """Throw an upload away; a finished file stays. Raises `NotFound`."""
        self._remove(upload, self._read(upload, owner))

    def sweep(self) -> None:
        """Remove uploads that nobody goes on with."""
        old = time.time() - self._store.limits.ttl_s
        for facts in self._folder.glob("*.json"):
            place = facts.with_suffix("")
            used = max(one.stat().st_mtime for one in (facts, place) if one.exists())
            if used < old and place.name not in self._busy:
                self._remove(place.name, msgspec.json.decode(facts.read_bytes(), type=_Facts))

    def _remove(self, upload: str, facts: _Facts) -> None:
        self._store.release(facts.caller, self._size(upload))
        for place in (self._folder / upload, self._folder / f"{upload}.json"):
            place.unlink(missing_ok=True)
        self._count -= 1

    def _size(self, upload: str) -> int:
        """Bytes that are here; none once the file has its place."""
        try:
            return (self._folder / upload).stat().st_size
        except OSError:
            return 0

    def _read(self, upload: str, owner: str) -> _Facts:
        try:
            raw = (self._folder / f"{upload}.json").read_bytes() if _ID.fullmatch(upload) else b""
            facts = msgspec.json.decode(raw, type=_Facts)
        except (OSError, msgspec.DecodeError):
            raise NotFound("There is no such upload.") from None
        if facts.owner != owner:
            raise NotFound("There is no such upload.")
        return facts

    def _write(self, upload: str, facts: _Facts) -> None:
        draft = self._folder / f"{upload}.new"
        draft.write_bytes(msgspec.json.encode(facts))
        draft.replace(self._folder / f"{upload}.json")
