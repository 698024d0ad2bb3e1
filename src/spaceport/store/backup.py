"""Copies a data folder while its server runs: databases with SQLite's backup, everything else as files."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Collection
from pathlib import Path

_NOT_COPIED = (".lock", "-wal", "-shm", "-journal", ".sock", ".pid")
_SQLITE = b"SQLite format 3\0"


def backup(source: Path, target: Path, skip: Collection[str] = ()) -> int:
    """Copy a folder; returns the number of files. `skip` names folders in it that can be created again.

    Each database is copied as it is at one instant; if it is written meanwhile, its copy starts again. Files that are
    removed while others are copied are left out. Raises `OSError`; `target` must be new or empty.
    """
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise OSError(f"{target} is not empty: give a new or empty folder for the backup.")
    count = 0
    for folder, folders, names in os.walk(source):
        source_folder = Path(folder)
        skipped = skip if source_folder == source else ()
        folders[:] = [name for name in folders if source_folder / name != target and name not in skipped]
        target_folder = target / source_folder.relative_to(source)
        target_folder.mkdir(exist_ok=True)
        for name in names:
            if name.endswith(_NOT_COPIED):
                continue
            with contextlib.suppress(FileNotFoundError):
                _copy(source_folder / name, target_folder / name)
                count += 1
    return count


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        return
    with source.open("rb") as file:
        database = file.read(len(_SQLITE)) == _SQLITE
    if not database:
        shutil.copy2(source, target)
        return
    # in steps, the backup would start again at each write of the server; in one step it cannot be disturbed
    with (
        contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=30)) as live,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy, pages=-1)
    shutil.copymode(source, target)
