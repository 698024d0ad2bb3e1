"""A copy of a data folder while its server runs: databases through SQLite's own backup, the rest as files."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Collection
from pathlib import Path

_PASSING = (".lock", "-wal", "-shm", "-journal", ".sock", ".pid")
_SQLITE = b"SQLite format 3\0"


def backup(source: Path, target: Path, skip: Collection[str] = ()) -> int:
    """Copy a folder; how many files. `skip`: names of folders in it that can be made again.

    Each database is copied as it is at one instant; one that is written meanwhile is begun again, so that the copy is
    whole. Files that vanish while others are copied are left out. Raises `OSError`; `target` must be new or empty.
    """
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise OSError(f"{target} is not empty: a backup goes to a folder of its own.")
    count = 0
    for folder, folders, names in os.walk(source):
        here = Path(folder)
        folders[:] = [name for name in folders if here / name != target and (here != source or name not in skip)]
        there = target / here.relative_to(source)
        there.mkdir(exist_ok=True)
        for name in names:
            if name.endswith(_PASSING):
                continue
            with contextlib.suppress(FileNotFoundError):
                _copy(here / name, there / name)
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
    # one step at a time would be begun again at each write of the server; all at once cannot be disturbed
    with (
        contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=30)) as live,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy, pages=-1)
    shutil.copymode(source, target)
