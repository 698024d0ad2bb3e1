"""Files of a Space on disk: what callers upload and what functions return.

    <folder>/<8 hex: whose> <56 hex: content>/<name>

Both parts are keyed with a secret of the folder, so that nobody can guess a path from a file, and the same content of
the same owner is stored once. The disk is the index: a restart reads it again; a file's mtime is when it was last used.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from spaceport.errors import InvalidInput, NotFound, StorageFull, TooLarge

_PLACE = re.compile(r"[0-9a-f]{64}")
_DRAFTS = ".drafts"
_NAME_BYTES = 200
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*`$!{}]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_TOUCH_S = 60.0


@dataclass(frozen=True)
class FileLimits:
    """Sizes in bytes; `ttl_s`: how long a file stays after it was last used."""

    file: int | None = None
    total: int = 20 << 30
    caller: int = 5 << 30
    ttl_s: float = 86_400.0


@dataclass(slots=True)
class _Entry:
    size: int
    used_at: float
    caller: str
    pins: int = 0


class FileStore:
    """Safe from any thread. Paths that it gives out are absolute, and only such paths are taken back."""

    def __init__(self, folder: Path, limits: FileLimits) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder.resolve()
        self.limits = limits
        self.seed = _seed(self.folder / ".seed")
        """Keys every digest of this folder."""
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._bytes = 0
        self._by_caller: dict[str, int] = {}
        drafts = self.folder / _DRAFTS
        drafts.mkdir(exist_ok=True)
        for draft in drafts.iterdir():  # of uploads that a crash cut off
            draft.unlink(missing_ok=True)
        for place in self.folder.iterdir():
            if _PLACE.fullmatch(place.name):
                for path in place.iterdir():
                    facts = path.lstat()
                    self._add(str(path), _Entry(facts.st_size, facts.st_mtime, ""))

    # Writing

    def draft(self, name: str, owner: str, caller: str) -> PendingFile:
        """A file that is being written. `owner` may read it ("" for everybody), `caller` pays for it with his budget.

        Raises `InvalidName` for a name that is none.
        """
        return PendingFile(self, file_name(name), owner, caller)

    def keep(self, source: BinaryIO, name: str, owner: str, caller: str) -> Path:
        """Copy an open file in. Raises as `PendingFile.write` and `PendingFile.finish` do."""
        with self.draft(name, owner, caller) as draft:
            while chunk := source.read(1 << 20):
                draft.write(chunk)
            return draft.finish()

    def reserve(self, caller: str, size: int) -> None:
        """Count bytes before they are written. Raises `StorageFull` when neither the budget nor the past has room."""
        with self._lock:
            if self._by_caller.get(caller, 0) + size > self.limits.caller:
                self._evict(self._by_caller.get(caller, 0) + size - self.limits.caller, caller)
                if self._by_caller.get(caller, 0) + size > self.limits.caller:
                    raise StorageFull(f"Your files may have {self.limits.caller} bytes together. Try again later.")
            if self._bytes + size > self.limits.total:
                self._evict(self._bytes + size - self.limits.total, None)
                if self._bytes + size > self.limits.total:
                    raise StorageFull("This Space has no room for more files. Try again later.")
            self._count(caller, size)

    def charge(self, caller: str, size: int) -> None:
        """Count bytes that are on disk already."""
        with self._lock:
            self._count(caller, size)

    def release(self, caller: str, size: int) -> None:
        """Give reserved bytes back."""
        with self._lock:
            self._count(caller, -size)

    def place(self, draft: Path, content: bytes, name: str, owner: str, caller: str, size: int) -> Path:
        """Move a finished draft to where its content (its SHA-256) belongs; its bytes are reserved."""
        target = self._folder_of(content, owner) / name
        with self._lock:
            known = self._entries.get(str(target))
            if known is not None and target.exists():
                self._count(caller, -size)
                draft.unlink()
                self._use(str(target), known)
                return target
            target.parent.mkdir(exist_ok=True)
            draft.replace(target)
            self._count(caller, -size)
            if known is not None:
                self._drop(str(target))
            self._add(str(target), _Entry(size, time.time(), caller))
            return target

    def _folder_of(self, content: bytes, owner: str) -> Path:
        digest = hashlib.blake2b(content, key=self.seed, digest_size=28).hexdigest()
        return self.folder / f"{self._tag(owner)}{digest}"

    # Reading

    def find(self, path: str, owner: str) -> Path:
        """A file of `owner` or of everybody, by the path that was given out. Raises `NotFound` for every other."""
        place, _, name = path.removeprefix(f"{self.folder}/").partition("/")
        known = path.startswith(f"{self.folder}/") and _PLACE.fullmatch(place) and "/" not in name
        with self._lock:
            entry = self._entries.get(path) if known and place[:8] in (self._tag(owner), self._tag("")) else None
            if entry is None or not os.path.lexists(path):
                raise NotFound("There is no such file, or it is not yours. Upload it again.")
            self._use(path, entry)
        return Path(path)

    def with_content(self, content: bytes, name: str, owner: str) -> Path | None:
        """A file of `owner` or of everybody with this SHA-256: of this name, if there is one."""
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
        """The same file under another name; both share their bytes on disk, and each counts."""
        target = path.with_name(name)
        with self._lock:
            known = self._entries.get(str(path))
            if known is None:
                raise NotFound("There is no such file, or it is not yours. Upload it again.")
            if str(target) not in self._entries:
                os.link(path, target)
                self._add(str(target), _Entry(known.size, time.time(), caller))
        return target

    def pin(self, path: Path) -> None:
        """A job needs the file: it stays until `unpin`."""
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
        """Remove what nobody has used for `ttl_s`; how many files."""
        with self._lock:
            old = time.time() - self.limits.ttl_s
            gone = [path for path, entry in self._entries.items() if not entry.pins and entry.used_at < old]
            for path in gone:
                self._remove(path)
            return len(gone)

    @property
    def bytes(self) -> int:
        """Bytes on disk and reserved."""
        return self._bytes

    # Inside, with the lock

    def _tag(self, owner: str) -> str:
        return hashlib.blake2b(owner.encode(), key=self.seed, digest_size=4).hexdigest()

    def _use(self, path: str, entry: _Entry) -> None:
        now = time.time()
        if now - entry.used_at > _TOUCH_S:
            with contextlib.suppress(OSError):
                os.utime(path, (now, now), follow_symlinks=False)
        entry.used_at = now

    def _add(self, path: str, entry: _Entry) -> None:
        self._entries[path] = entry
        self._count(entry.caller, entry.size)

    def _drop(self, path: str) -> None:
        entry = self._entries.pop(path)
        self._count(entry.caller, -entry.size)

    def _count(self, caller: str, size: int) -> None:
        self._bytes += size
        left = self._by_caller.get(caller, 0) + size
        if caller and left > 0:
            self._by_caller[caller] = left
        else:
            self._by_caller.pop(caller, None)

    def _evict(self, size: int, caller: str | None) -> None:
        """The least recently used files that no job needs, until `size` bytes are free."""
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
            os.unlink(path)  # noqa: PTH108  a text is at hand
            os.rmdir(os.path.dirname(path))  # noqa: PTH106, PTH120


class PinnedFiles:
    """Files that a call needs: they stay while this object does."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._paths: list[Path] = []

    def add(self, path: Path) -> None:
        self._store.pin(path)
        self._paths.append(path)

    def __del__(self) -> None:
        for path in self._paths:
            self._store.unpin(path)


@dataclass(slots=True)
class PendingFile:
    """A file on its way in. Leave its `with` without `finish`, and nothing of it stays."""

    store: FileStore
    name: str
    owner: str
    caller: str
    size: int = 0
    _file: BinaryIO = field(init=False)
    _path: Path = field(init=False)
    _hash: Any = field(init=False)
    _open: bool = True

    def __post_init__(self) -> None:
        self._path = self.store.folder / _DRAFTS / secrets.token_hex(16)
        self._file = self._path.open("xb")
        self._hash = hashlib.sha256()

    def __enter__(self) -> PendingFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, data: bytes) -> None:
        """Raises `TooLarge` and `StorageFull`, also when the disk is full."""
        limit = self.store.limits.file
        if limit is not None and self.size + len(data) > limit:
            raise TooLarge(f"File size exceeded maximum allowed size of {limit} bytes.")
        self.store.reserve(self.caller, len(data))
        self.size += len(data)
        self._hash.update(data)
        with on_disk():
            self._file.write(data)

    def finish(self) -> Path:
        """The file in its place. Raises `StorageFull` when the disk is full."""
        with on_disk():
            self._file.close()
            path = self.store.place(self._path, self._hash.digest(), self.name, self.owner, self.caller, self.size)
        self._open = False
        return path

    def close(self) -> None:
        """Throw it away unless it is finished."""
        if self._open:
            self._open = False
            with contextlib.suppress(OSError):
                self._file.close()
            self._path.unlink(missing_ok=True)
            self.store.release(self.caller, self.size)


@contextlib.contextmanager
def on_disk() -> Iterator[None]:
    """Raises `StorageFull` where the disk has no room for what is written inside."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("The disk of this Space is full. Try again later.") from error
        raise


class InvalidName(InvalidInput):
    """Not a file's name."""


def file_name(text: str) -> str:
    """The last part of a path as a name that every system can store. Raises `InvalidName` for `..` and its like."""
    last = re.split(r"[/\\]", text)[-1]
    if last in (".", ".."):
        raise InvalidName(f"Invalid file name: {last}")
    name = _UNSAFE.sub("", last).rstrip(". ")
    if _DEVICES.match(name):
        name = f"_{name}"
    while len(name.encode("utf-8", "replace")) > _NAME_BYTES:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{suffix}" if stem and len(suffix) < 20 else name[:-1]
    return name.encode("utf-8", "replace").decode() or f"tmp{secrets.token_hex(4)}"


def _seed(path: Path) -> bytes:
    """The folder's secret, made once."""
    try:
        with path.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    return path.read_bytes()
