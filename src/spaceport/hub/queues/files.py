"""The files of a Space at the hub: what callers upload needs no replica, and what jobs returned outlives theirs.

files/uploads/…   uploads, by owner; every replica may read them
files/…           the app's own (`GRADIO_TEMP_DIR`)
kept/<name>/…     hard links to outputs, until the outcome of their job expires; the folder's mtime is when
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import time
from pathlib import Path
from typing import Any

from spaceport.api.ports import PendingFile, Playlist
from spaceport.errors import InvalidInput, NotFound
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.store import ContentIndex, FileLimits, FileStore, PinnedFiles


class QueueFiles:
    """Implements `api.files.Files`."""

    def __init__(self, layout: SpacePaths, limits: FileLimits) -> None:
        layout.make()
        self._layout = layout
        self.store = FileStore(layout.uploads, limits, layout.folder / "uploads.private")
        self._known = ContentIndex(self.store)
        self._folder = Path(os.path.realpath(layout.folder))
        self._kept = layout.retained_outputs

    @property
    def known(self) -> ContentIndex:
        return self._known

    def draft(self, name: str, owner: str, caller: str) -> PendingFile:
        return self.store.draft(name, owner, caller)

    def readable(self, path: str, owner: str) -> tuple[Path, bool]:
        """An upload of the owner's, an output that is kept, or a file in the app's folder for them."""
        if "\0" in path:
            raise NotFound("There is no such file.")
        if self._is_upload(path):
            return self.store.find(path, owner), False
        with contextlib.suppress(OSError, StopIteration):
            return next(self._place(path).iterdir()), False
        real = Path(os.path.realpath(path))
        if self._layout.files not in real.parents or not real.is_file() or self._is_upload(str(real)):
            raise NotFound("There is no such file.")
        return real, False

    async def fetch_remote(self, url: str, owner: str, caller: str) -> Path:
        raise NotFound("The app itself fetches what lies elsewhere.")

    def playlist(self, place: str, owner: str) -> Playlist:
        raise NotFound("Streams lie with the app.")

    # Calls

    def pin(self, data: list[Any], owner: str) -> PinnedFiles | None:
        """Keep the uploads that a call names. Raises `InvalidInput` for one that is gone, or somebody else's."""
        held: PinnedFiles | None = None
        for path in _paths(data):
            if self._is_upload(path):
                held = held or PinnedFiles(self.store)
                try:
                    held.add(self.store.find(path, owner))
                except NotFound as error:
                    held.release()
                    problem = {"type": "file", "loc": ["body", "data"], "msg": error.message, "input": path[:500]}
                    raise InvalidInput(error.message, [problem]) from None
        return held

    def keep(self, data: Any, expires_at: float) -> None:
        """Link the files of a result. Blocks."""
        for path in _paths(data):
            with contextlib.suppress(OSError, ValueError):  # a name that is none
                self._keep(path, expires_at)

    def _keep(self, path: str, expires_at: float) -> None:
        real = Path(os.path.realpath(path))
        inside = self._folder in real.parents and (self._layout.files in real.parents or self._temporary(real))
        if not inside or self._is_upload(str(real)) or not stat.S_ISREG(real.lstat().st_mode):
            return
        place = self._place(path)
        place.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{place.name}-{os.getpid()}")
        draft.unlink(missing_ok=True)
        os.link(real, draft)
        draft.replace(place / real.name)
        os.utime(place, (expires_at, expires_at))

    def sweep(self) -> None:
        """Remove what nobody may ask for any more. Blocks."""
        self.store.sweep()
        now = time.time()
        with contextlib.suppress(FileNotFoundError):
            for place in self._kept.iterdir():
                if place.stat().st_mtime < now:
                    shutil.rmtree(place, ignore_errors=True)

    def _temporary(self, real: Path) -> bool:
        return self._layout.temporary in real.parents

    def _is_upload(self, path: str) -> bool:
        return path.startswith(f"{self.store.folder}/")

    def _place(self, path: str) -> Path:
        return self._kept / hashlib.blake2b(path.encode("utf-8", "replace"), digest_size=20).hexdigest()


def _paths(value: Any) -> list[str]:
    """The path of everything that looks like a file: Gradio's client downloads each (gradio.md §17)."""
    if isinstance(value, dict):
        own = [value["path"]] if isinstance(value.get("path"), str) else []
        return own + [path for one in value.values() for path in _paths(one)]
    if isinstance(value, list):
        return [path for one in value for path in _paths(one)]
    return []
