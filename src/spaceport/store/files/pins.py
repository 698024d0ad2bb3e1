"""Files that a call needs while it waits and runs."""

from __future__ import annotations

from pathlib import Path

from spaceport.store.files.store import FileStore


class PinnedFiles:
    """Keeps files in the store, whatever their age and the budgets are, until `release`. Safe from any thread."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._paths: list[Path] = []
        self._released = False

    def add(self, path: Path) -> None:
        if not self._released:
            self._store.pin(path)
            self._paths.append(path)

    def release(self) -> None:
        """Let the store remove the files again; a second time does nothing."""
        self._released = True
        while self._paths:
            self._store.unpin(self._paths.pop())
