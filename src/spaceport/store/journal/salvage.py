"""A journal whose file is damaged: what can still be read goes into a new one; the old one is set aside, not deleted.

SQLite notices by itself a log that was torn while it was written (its frames have checksums) and leaves out what was
not yet committed. Pages of the file have none: a disk that lost or changed one is found by looking at all of them.
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
"""Records in a row that may be unreadable before it is held to be the end."""
_LATE_EPOCH = 1_000_000
"""Later than any server's epoch, where the old one cannot be read."""


def left_open(path: Path) -> bool:
    """Whether whoever had it open last did not close it: SQLite removes the log when it is closed."""
    return Path(f"{path}-wal").exists()


def damaged(path: Path) -> bool:
    """Look at every page. Raises nothing: what cannot be opened is damaged."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            return bool(found != "ok")
    except sqlite3.DatabaseError as error:
        return not isinstance(error, sqlite3.OperationalError)


def set_aside(path: Path) -> Path:
    """Rename a damaged journal, its log too; its new name."""
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
    for tail in _TAILS:
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{tail}").rename(f"{aside}{tail}")
    return aside


def salvage(aside: Path, into: sqlite3.Connection) -> tuple[int, int]:
    """Copy the jobs that can be read; how many they are, and in how many places some could not.

    `into` has the tables of a new journal. The newest format's columns are looked for; a table that has fewer gives
    those.
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
    """The epoch that the damaged journal was last opened in, or a later one."""
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
