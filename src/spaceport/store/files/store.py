"""Files of a Space on disk: what callers upload and what functions return.

    <folder>/<8 hex: owner> <56 hex: content>/<name>

Both parts are keyed with a secret of the store, so that a path cannot be guessed from a file's content, and the same
content of the same owner is stored once. The disk is the index: a restart reads it again; a file's mtime is when it was
last used.

    <private>/key             the secret
    <private>/callers         whose budget each file counts against (caller_log.py)
    <private>/drafts/         files that are being written
    <private>/partial/        resumable uploads (resumable.py)

Apps and functions may serve the whole folder, so the private one lies beside it.
"""

from __future__ import annotations

import contextlib
import hashlib
import heapq
import os
import re
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from spaceport.errors import NotFound, StorageFull
from spaceport.store.files.caller_log import CallerLog
from spaceport.store.files.limits import FileLimits
from spaceport.store.files.names import file_name
from spaceport.store.files.pending_file import PendingFile
from spaceport.store.private import private_folder, secret_file

_CONTENT_FOLDER = re.compile(r"[0-9a-f]{64}")
_KEY_BYTES = 32
_TOUCH_INTERVAL_S = 60.0
_NOT_FOUND = "There is no such file, or it is not yours. Upload it again."


@dataclass(slots=True)
class _Entry:
    size: int
    used_at: float
    caller: str
    pins: int = 0


class FileStore:
    """Safe from any thread. Paths that it gives out are absolute, and only such paths are taken back."""

    def __init__(self, folder: Path, limits: FileLimits, private: Path | None = None) -> None:
        """`private` is the folder for the secret and for unfinished files; it must be on the same disk as `folder`.

        The default is `<folder>.private`.
        """
        private_folder(folder)
        self.folder = folder.resolve()
        self.limits = limits
        self.private = self.folder.with_name(f"{self.folder.name}.private") if private is None else private.resolve()
        private_folder(self.private)
        self._move_in(".seed", "key")
        self.key = secret_file(self.private / "key", lambda: secrets.token_bytes(_KEY_BYTES))
        """Keys every digest of this store."""
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._bytes = 0
        self._by_caller: dict[str, int] = {}
        self._count_by_caller: dict[str, int] = {}
        """How many files."""
        self._drafts = self.private_subfolder("drafts", formerly=".drafts")
        for draft in self._drafts.iterdir():  # of uploads that a crash cut off
            draft.unlink(missing_ok=True)
        self._callers = CallerLog(self.private / "callers")
        callers = self._callers.load()
        for place in self.folder.iterdir():
            if _CONTENT_FOLDER.fullmatch(place.name):
                for path in place.iterdir():
                    status = path.lstat()
                    caller = callers.get(f"{place.name}/{path.name}", "")
                    self._add(str(path), _Entry(status.st_size, status.st_mtime, caller))
        self._shorten_caller_log()

    def private_subfolder(self, name: str, formerly: str) -> Path:
        """A folder in the private one; `formerly` is its name in a store whose secrets lay among its files."""
        self._move_in(formerly, name)
        place = self.private / name
        place.mkdir(exist_ok=True)
        return place

    def _move_in(self, formerly: str, name: str) -> None:
        before, place = self.folder / formerly, self.private / name
        if before.exists() and not before.is_symlink() and not place.exists():  # the app could have made a link
            before.replace(place)

    # Writing

    def draft(self, name: str, owner: str, caller: str) -> PendingFile:
        """Begin to write a file. `owner` may read it ("": everybody may); it counts against the budget of `caller`.

        Raises `InvalidName` for a name that no file can have.
        """
        return PendingFile(self, self._drafts, file_name(name), owner, caller)

    def keep(self, source: BinaryIO, name: str, owner: str, caller: str) -> Path:
        """Copy an open file in. Raises as `PendingFile.write` and `PendingFile.finish` do."""
        with self.draft(name, owner, caller) as draft:
            while chunk := source.read(1 << 20):
                draft.write(chunk)
            return draft.finish()

    def reserve(self, caller: str, size: int) -> None:
        """Count bytes before they are written. Old files make room; raises `StorageFull` if that is not enough."""
        with self._lock:
            if self._by_caller.get(caller, 0) + size > self.limits.caller:
                self._evict(self._by_caller.get(caller, 0) + size - self.limits.caller, caller)
                if self._by_caller.get(caller, 0) + size > self.limits.caller:
                    raise StorageFull(
                        f"Your files may have at most {self.limits.caller} bytes in total. Try again later."
                    )
            if self._bytes + size > self.limits.total:
                self._evict(self._bytes + size - self.limits.total, None)
                if self._bytes + size > self.limits.total:
                    raise StorageFull("This Space has no room for more files. Try again later.")
            self._count(caller, size)

    def has_room(self, caller: str, size: int) -> bool:
        """Whether the caller's budget has room although no file makes room."""
        return self._by_caller.get(caller, 0) + size <= self.limits.caller

    def charge(self, caller: str, size: int) -> None:
        """Count bytes that are already on disk."""
        with self._lock:
            self._count(caller, size)

    def release(self, caller: str, size: int) -> None:
        """Count bytes out that were reserved and are not kept."""
        with self._lock:
            self._count(caller, -size)

    def place(self, draft: Path, content: bytes, name: str, owner: str, caller: str, size: int) -> Path:
        """Move a finished draft, whose bytes are reserved, to the place of its content. `content` is its SHA-256."""
        target = self._folder_of(content, owner) / name
        with self._lock:
            known = self._entries.get(str(target))
            if known is not None and target.exists():
                self._count(caller, -size)
                draft.unlink()
                self._use(str(target), known)
                return target
            if known is None:
                self._make_room_for_one(caller)
            target.parent.mkdir(exist_ok=True)
            draft.replace(target)
            self._count(caller, -size)
            if known is not None:
                self._drop(str(target))
            self._add_new(str(target), _Entry(size, time.time(), caller))
            return target

    def _folder_of(self, content: bytes, owner: str) -> Path:
        digest = hashlib.blake2b(content, key=self.key, digest_size=28).hexdigest()
        return self.folder / f"{self._tag(owner)}{digest}"

    # Reading

    def find(self, path: str, owner: str) -> Path:
        """A file of `owner` or of everybody, by its path. Raises `NotFound` for a path that was not given out."""
        place, _, name = path.removeprefix(f"{self.folder}/").partition("/")
        known = path.startswith(f"{self.folder}/") and _CONTENT_FOLDER.fullmatch(place) and "/" not in name
        with self._lock:
            entry = self._entries.get(path) if known and place[:8] in (self._tag(owner), self._tag("")) else None
            if entry is None or not os.path.lexists(path):
                raise NotFound(_NOT_FOUND)
            self._use(path, entry)
        return Path(path)

    def with_content(self, content: bytes, name: str, owner: str) -> Path | None:
        """A file of `owner` or of everybody with this SHA-256; one with this name, if there is one."""
        for whose in (owner, ""):
            place = self._folder_of(content, whose)
            with self._lock, contextlib.suppress(OSError):
                for path in sorted(place.iterdir(), key=lambda path: path.name != name):
                    entry = self._entries.get(str(path))
                    if entry is not None:
                        self._use(str(path), entry)
                        return path
        return None

    def link_as(self, path: Path, name: str, caller: str) -> Path:
        """Give a file a second name. Both share their bytes on disk, but each counts."""
        target = path.with_name(name)
        with self._lock:
            known = self._entries.get(str(path))
            if known is None:
                raise NotFound(_NOT_FOUND)
            if str(target) not in self._entries:
                known.pins += 1
                try:
                    self._make_room_for_one(caller)
                finally:
                    known.pins -= 1
                os.link(path, target)
                self._add_new(str(target), _Entry(known.size, time.time(), caller))
        return target

    def pin(self, path: Path) -> None:
        """Keep a file until `unpin`, because a job needs it (`PinnedFiles`)."""
        with self._lock:
            entry = self._entries.get(str(path))
            if entry is not None:
                entry.pins += 1

    def unpin(self, path: Path) -> None:
        with self._lock:
            entry = self._entries.get(str(path))
            if entry is not None:
                entry.pins -= 1
                self._use(str(path), entry)

    def sweep(self) -> int:
        """Remove the files that were not used for `ttl_s`; how many."""
        with self._lock:
            old = time.time() - self.limits.ttl_s
            unused = [path for path, entry in self._entries.items() if not entry.pins and entry.used_at < old]
            for path in unused:
                self._remove(path)
            self._shorten_caller_log()
            return len(unused)

    @property
    def bytes(self) -> int:
        """Bytes on disk and reserved."""
        return self._bytes

    # Helpers; the caller holds the lock

    def _tag(self, owner: str) -> str:
        return hashlib.blake2b(owner.encode(), key=self.key, digest_size=4).hexdigest()

    def _use(self, path: str, entry: _Entry) -> None:
        now = time.time()
        if now - entry.used_at > _TOUCH_INTERVAL_S:
            with contextlib.suppress(OSError):
                os.utime(path, (now, now), follow_symlinks=False)
        entry.used_at = now

    def _add(self, path: str, entry: _Entry) -> None:
        self._entries[path] = entry
        self._count(entry.caller, entry.size)
        if entry.caller:
            self._count_by_caller[entry.caller] = self._count_by_caller.get(entry.caller, 0) + 1

    def _add_new(self, path: str, entry: _Entry) -> None:
        self._add(path, entry)
        if entry.caller:
            self._callers.add(self._relative(path), entry.caller)

    def _shorten_caller_log(self) -> None:
        if self._callers.is_long(len(self._entries)):
            found = self._entries.items()
            self._callers.rewrite({self._relative(path): one.caller for path, one in found if one.caller})

    def _relative(self, path: str) -> str:
        return path[len(str(self.folder)) + 1 :]

    def _drop(self, path: str) -> None:
        entry = self._entries.pop(path)
        self._count(entry.caller, -entry.size)
        if entry.caller:
            self._count_by_caller[entry.caller] -= 1
            if not self._count_by_caller[entry.caller]:
                del self._count_by_caller[entry.caller]

    def _count(self, caller: str, size: int) -> None:
        self._bytes += size
        left = self._by_caller.get(caller, 0) + size
        if caller and left > 0:
            self._by_caller[caller] = left
        else:
            self._by_caller.pop(caller, None)

    def _make_room_for_one(self, caller: str) -> None:
        """Remove the least recently used files where there are as many as may be. Raises `StorageFull`.

        A hundredth of them goes at once, because the search looks at all files.
        """
        for most, whose in ((self.limits.caller_count, caller), (self.limits.count, None)):
            if whose == "" or self._number_of(whose) < most:
                continue
            unused = (
                (entry.used_at, path)
                for path, entry in self._entries.items()
                if not entry.pins and whose in (None, entry.caller)
            )
            for _, path in heapq.nsmallest(max(1, most // 100), unused):
                self._remove(path)
            if self._number_of(whose) >= most:
                raise StorageFull(f"There are {most} files, as many as may be. Try again later.")

    def _number_of(self, caller: str | None) -> int:
        return len(self._entries) if caller is None else self._count_by_caller.get(caller, 0)

    def _evict(self, size: int, caller: str | None) -> None:
        """Remove the least recently used files that no job needs, until `size` bytes are free."""
        free = sorted(
            (entry.used_at, path, entry.size)
            for path, entry in self._entries.items()
            if not entry.pins and (caller is None or entry.caller == caller)
        )
        for _, path, length in free:
            if size <= 0:
                return
            self._remove(path)
            size -= length

    def _remove(self, path: str) -> None:
        self._drop(path)
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108  the path is a string
            os.rmdir(os.path.dirname(path))  # noqa: PTH106, PTH120
