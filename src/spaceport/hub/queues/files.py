"""The files of a Space at the hub: what callers upload needs no replica, and what jobs return outlives their replica.

files/uploads/…   uploads, by owner; every replica may read them
files/…           the app's own files (`GRADIO_TEMP_DIR`)
kept/<name>/…     hard links to outputs, until their job's outcome expires; the folder's mtime says when
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spaceport.api.ports import PendingFile, Playlist
from spaceport.errors import InvalidInput, NotFound
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.store import ContentIndex, FileLimits, FileStore, PinnedFiles

_MAX_FILES = 10_000
"""How many files one call may name."""
_OF_PROCESSES = ("/proc", "/dev", "/sys")
"""Where a path means something else to every process."""


class QueueFiles:
    """Implements `api.files.Files`."""

    def __init__(self, paths: SpacePaths, limits: FileLimits) -> None:
        paths.make()
        self._paths = paths
        self.store = FileStore(paths.uploads, limits, paths.folder / "uploads.private")
        self._known = ContentIndex(self.store)
        self._folder = Path(os.path.realpath(paths.folder))
        self._kept = paths.retained_outputs

    @property
    def known(self) -> ContentIndex:
        return self._known

    def draft(self, name: str, owner: str, caller: str) -> PendingFile:
        return self.store.draft(name, owner, caller)

    def readable(self, path: str, owner: str) -> tuple[Path, bool]:
        """An upload of the owner's, an output that is kept, or one of the app's own files."""
        if self.leads_to_upload(path):
            return self.store.find(path, owner), False
        with contextlib.suppress(OSError, StopIteration):
            return next(self._kept_folder(path).iterdir()), False
        real = Path(os.path.realpath(path))
        if self._paths.files not in real.parents or not real.is_file():
            raise NotFound("There is no such file.")
        return real, False

    def leads_to_upload(self, path: str) -> bool:
        """Whether a path leads to the folder of uploads, however it is spelled.

        Only the spelling that `upload` answered opens an upload (`FileStore.find`); any other is refused, as is a path
        that only the app can resolve. The app itself does not know whose an upload is.
        """
        return leads_into(path, str(self.store.folder))

    async def fetch_remote(self, url: str, owner: str, caller: str) -> Path:
        raise NotFound("The app itself fetches what lies elsewhere.")

    def playlist(self, place: str, owner: str) -> Playlist:
        raise NotFound("Streams lie with the app.")

    # Calls

    def pin(self, data: list[Any], owner: str) -> PinnedFiles | None:
        """Protect the uploads that a call names from removal.

        Raises `InvalidInput` for an upload that is gone, or is somebody else's.
        """
        pinned: PinnedFiles | None = None
        try:
            for path in self.find_uploads(data, owner):
                pinned = pinned or PinnedFiles(self.store)
                pinned.add(path)
        except InvalidInput:
            if pinned is not None:
                pinned.release()
            raise
        return pinned

    def find_uploads(self, data: Any, owner: str) -> Iterator[Path]:
        """The uploads that the data of a call names.

        Raises `InvalidInput` for one that is gone or is somebody else's, and for more than `_MAX_FILES` files.
        """
        for count, path in enumerate(_paths(data)):
            if count >= _MAX_FILES:
                raise InvalidInput(f"A call may name at most {_MAX_FILES} files.")
            if not self.leads_to_upload(path):
                continue
            try:
                yield self.store.find(path, owner)
            except NotFound as error:
                problem = {"type": "file", "loc": ["body", "data"], "msg": error.message, "input": path[:500]}
                raise InvalidInput(error.message, [problem]) from None

    def has_only_uploads(self, data: Any) -> bool:
        """Whether all files that the data of a call names are uploads; not so for paths of the app, and URLs."""
        return all(path.startswith(f"{self.store.folder}/") for path in _paths_and_urls(data))

    def keep(self, data: Any, expires_at: float) -> None:
        """Link the files that a result names. Blocks."""
        for count, path in enumerate(_paths(data)):
            if count >= _MAX_FILES:
                return
            with contextlib.suppress(OSError, ValueError):  # a text that is no path
                self._keep(path, expires_at)

    def _keep(self, path: str, expires_at: float) -> None:
        real = Path(os.path.realpath(path))
        inside = self._folder in real.parents and (self._paths.files in real.parents or self._temporary(real))
        if not inside or self.leads_to_upload(str(real)) or not stat.S_ISREG(real.lstat().st_mode):
            return
        folder = self._kept_folder(path)
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder.with_name(f".{folder.name}-{os.getpid()}")
        draft.unlink(missing_ok=True)
        os.link(real, draft)
        draft.replace(folder / real.name)
        os.utime(folder, (expires_at, expires_at))

    def sweep(self) -> None:
        """Remove expired uploads and outputs. Blocks."""
        self.store.sweep()
        now = time.time()
        with contextlib.suppress(FileNotFoundError):
            for folder in self._kept.iterdir():
                if folder.stat().st_mtime < now:
                    shutil.rmtree(folder, ignore_errors=True)

    def _temporary(self, real: Path) -> bool:
        return self._paths.temporary in real.parents

    def _kept_folder(self, path: str) -> Path:
        return self._kept / hashlib.blake2b(path.encode("utf-8", "replace"), digest_size=20).hexdigest()


def leads_into(path: str, folder: str) -> bool:
    """Whether a path leads into a folder, however it is spelled; also for one that only the app can resolve. Blocks."""
    if path.startswith(f"{folder}/"):
        return True
    if "\0" in path:
        return True
    if not path.startswith("/"):
        return ".." in path.split("/")  # from the app's working directory
    plain = os.path.normpath(f"/{path.lstrip('/')}")
    if plain.startswith(_OF_PROCESSES):
        return True
    return any(f"{one}/".startswith(f"{folder}/") for one in (plain, os.path.realpath(plain), os.path.realpath(path)))


def names_file_in(data: Any, folder: str) -> bool:
    """Whether the data of a call names a file in a folder, or more than `_MAX_FILES` files. Blocks."""
    return any(count >= _MAX_FILES or leads_into(path, folder) for count, path in enumerate(_paths(data)))


def _paths(value: Any) -> Iterator[str]:
    """The path of everything that looks like a file: Gradio's client downloads each (gradio-wire §17)."""
    return (one["path"] for one in _objects(value) if isinstance(one.get("path"), str))


def _paths_and_urls(value: Any) -> Iterator[str]:
    """The path of everything that looks like a file, or else its URL."""
    for one in _objects(value):
        found = one.get("path") or one.get("url")
        if isinstance(found, str):
            yield found


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            yield one
            pending += one.values()
        elif isinstance(one, list):
            pending += one
