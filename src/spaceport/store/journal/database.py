"""The SQLite file of a journal: its lock, its connections, and its replacement when it is damaged."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import sqlite3
from enum import Enum
from pathlib import Path

from spaceport.errors import Conflict
from spaceport.store.journal.checkpoints import LOG_BYTES
from spaceport.store.journal.salvage import damaged, epoch_of, left_open, salvage, set_aside
from spaceport.store.journal.schema import JOURNAL_SCHEMA
from spaceport.store.migration import migrate
from spaceport.store.private import private_database

logger = logging.getLogger("spaceport.store")

_PAGE_BYTES = 2048
"""Of a new file. A commit writes whole pages: that of a small call is a seventh shorter than with 4096."""
_SPARE_SHARE = 4
"""A file in which more than one page of this many is free is shrunk, a few pages at a time."""
_SPARE_PAGES = 1000
_SHRINK_PAGES = 200
_INCREMENTAL = 2


class Durability(str, Enum):
    """What a journalled fact survives."""

    PROCESS = "process"
    POWER = "power"


class JournalDatabase:
    """Open it inside the running loop. Holds a lock on `path` until `close`."""

    def __init__(self, path: Path, durability: Durability) -> None:
        """Raises `Conflict` when another process has the journal open, `OSError` when it cannot be written.

        A file that is damaged is set aside, and what can be read of it is copied to a new one.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = (path.parent / (path.name + ".lock")).open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise Conflict("Another server has this journal open. Stop it, or choose another data folder.") from None
        self._synchronous = "FULL" if durability is Durability.POWER else "NORMAL"
        unclean = left_open(path)
        try:
            self._open()
        except sqlite3.OperationalError as error:
            self._lock.close()
            raise OSError(
                f"The journal {path.name} cannot be written ({error}): check the folder's permissions."
            ) from error
        except Conflict:
            self.writer.close()
            self._lock.close()
            raise
        self.reader = self._connect_reader()
        self._check = asyncio.get_running_loop().run_in_executor(None, damaged, path) if unclean else None
        """Reads all pages in a thread, if the process that had the file open last did not close it."""

    def _open(self) -> None:
        """Raises `sqlite3.OperationalError`."""
        try:
            self._prepare()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self._replace()

    def _replace(self) -> None:
        """Set the damaged file aside, and copy what can be read of it to a new one."""
        self.writer.close()
        aside = set_aside(self._path)
        self._prepare()
        copied, holes = salvage(aside, self.writer)
        self.writer.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (epoch_of(aside),))
        self.epoch = self._next_epoch()
        logger.error(
            "the journal was damaged: it is kept as %s. %d calls were copied from it; in %d places some could not be"
            " read",
            aside.name,
            copied,
            holes,
        )

    def _prepare(self) -> None:
        private_database(self._path)
        self.writer = self._connect(self._synchronous)
        self._make_shrinkable()
        migrate(self.writer, JOURNAL_SCHEMA)
        self.epoch = self._next_epoch()

    def _connect(self, synchronous: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)
        connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA cache_size=-1024")
        connection.execute(f"PRAGMA journal_size_limit={LOG_BYTES}")
        return connection

    def _connect_reader(self) -> sqlite3.Connection:
        reader = self._connect("NORMAL")
        reader.execute("PRAGMA query_only=ON")
        return reader

    def _make_shrinkable(self) -> None:
        """Let free pages be returned to the disk. A file from before that was possible is rewritten, once."""
        (mode,) = self.writer.execute("PRAGMA auto_vacuum").fetchone()
        if mode != _INCREMENTAL:
            self.writer.execute("PRAGMA auto_vacuum=INCREMENTAL")
            self.writer.execute("VACUUM")

    def _next_epoch(self) -> int:
        self.writer.execute(
            "INSERT INTO meta (key, value) VALUES ('epoch', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1"
        )
        (epoch,) = self.writer.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        return int(epoch)

    async def found_damage(self) -> bool:
        """The result of the check of all pages, which is waited for once; False where none was needed."""
        check, self._check = self._check, None
        return check is not None and await check

    def replace_damaged(self) -> None:
        """As at the start, while nothing else uses the database."""
        self.reader.close()
        self._replace()
        self.reader = self._connect_reader()

    def truncate_log(self) -> None:
        self.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @property
    def used_bytes(self) -> int:
        """The bytes of the pages that hold records."""
        (pages,) = self.reader.execute("PRAGMA page_count").fetchone()
        (free,) = self.reader.execute("PRAGMA freelist_count").fetchone()
        (size,) = self.reader.execute("PRAGMA page_size").fetchone()
        return int((pages - free) * size)

    def shrink(self) -> bool:
        """Return some free pages to the disk, if many are free; whether it did."""
        (pages,) = self.writer.execute("PRAGMA page_count").fetchone()
        (free,) = self.writer.execute("PRAGMA freelist_count").fetchone()
        if free < _SPARE_PAGES or free * _SPARE_SHARE < pages:
            return False
        self.writer.execute(f"PRAGMA incremental_vacuum({_SHRINK_PAGES})").fetchall()
        return True

    async def close(self) -> None:
        if self._check is not None:
            await asyncio.wait([self._check])
        self.reader.close()
        self.writer.close()
        self._lock.close()
