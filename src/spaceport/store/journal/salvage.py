"""Salvages a damaged journal: its readable records are copied to a new file, and the old one is renamed, not deleted.

SQLite itself detects a log that was torn while it was written, because its frames have checksums, and ignores what was
not committed. Pages of the file have no checksums: damage by the disk is found only by reading all of them.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from pathlib import Path

logger = logging.getLogger("spaceport.store")

_TAILS = ("", "-wal", "-shm")
_HOLE = 10_000
"""So many unreadable records in a row are taken for the end of the table."""
_LATE_EPOCH = 1_000_000
"""Used if the epoch cannot be read; later than any that a server reaches."""


def left_open(path: Path) -> bool:
    """Whether the last process that had the file open did not close it: SQLite removes the log on close."""
    return Path(f"{path}-wal").exists()


def damaged(path: Path) -> bool:
    """Whether a page of the file is damaged, or the file is no database. Reads all pages."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            return bool(found != "ok")
    except sqlite3.DatabaseError as error:
        return not isinstance(error, sqlite3.OperationalError)


def set_aside(path: Path) -> Path:
    """Rename a damaged journal and its log; returns the new path."""
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
    for tail in _TAILS:
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{tail}").rename(f"{aside}{tail}")
    return aside


def salvage(aside: Path, into: sqlite3.Connection) -> tuple[int, int]:
    """Copy the readable jobs. Returns their number, and the number of places where some could not be read.

    `into` has the tables of a new journal. Columns that an older format lacks keep their defaults.
    """
    copied = holes = 0
    with contextlib.closing(sqlite3.connect(aside, isolation_level=None, timeout=10)) as source:
        columns = _columns(source) & _columns(into)
        if not columns:
            return 0, 1
        names = ", ".join(sorted(columns))
        read = f"SELECT {names} FROM jobs NOT INDEXED WHERE seq >= ? ORDER BY seq LIMIT 1"  # noqa: S608  our names
        write = f"INSERT OR IGNORE INTO jobs ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        at = sorted(columns).index("seq")
        seq, missed = 0, 0
        into.execute("BEGIN IMMEDIATE")
        while missed < _HOLE:
            try:
                row = source.execute(read, (seq,)).fetchone()
            except sqlite3.DatabaseError:
                holes += missed == 0
                missed += 1
                seq += 1
                continue
            if row is None:
                break
            copied += into.execute(write, row).rowcount
            seq, missed = row[at] + 1, 0
        into.execute("COMMIT")
    return copied, holes


def epoch_of(aside: Path) -> int:
    """The epoch of the damaged journal, or a later one if it cannot be read."""
    with contextlib.closing(sqlite3.connect(aside, timeout=10)) as source:
        try:
            (epoch,) = source.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
            return int(epoch)
        except (sqlite3.DatabaseError, TypeError, ValueError):
            return _LATE_EPOCH


def _columns(connection: sqlite3.Connection) -> set[str]:
    try:
        return {row[1] for row in connection.execute("PRAGMA table_info(jobs)")}
    except sqlite3.DatabaseError:
        return set()
