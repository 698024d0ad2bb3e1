"""Copies SQLite's write-ahead log into the database file, and keeps the log short.

A checkpoint waits for the disk, so it runs in a thread of its own while commits go on. While calls come without a
pause, it never reaches the log's end, and the log never begins anew: when the log is large, commits wait once for that;
and if the disk is slower than the commits, they wait sooner.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

logger = logging.getLogger("spaceport.store")

_INTERVAL_BYTES = 4 << 20
_COMMIT_BYTES = 4096
"""What a commit writes besides its records."""
LOG_BYTES = 16 << 20
"""How large the log may be before it has to begin anew, and the size to which it is cut."""
_MAX_LOG_BYTES = 64 << 20
"""How large the log may become while a checkpoint runs; then commits wait for the checkpoint."""


class Checkpoints:
    """Create it inside the running loop. Loop thread only."""

    def __init__(self, path: Path, truncate: Callable[[], None], finished: Callable[[], None]) -> None:
        """`truncate` cuts the log, while nothing is written; `finished` is called when `due` may have work."""
        self._loop = asyncio.get_running_loop()
        self._path = path
        self._truncate = truncate
        self._finished = finished
        self._since_last = 0
        self._running: asyncio.Future[None] | None = None
        self._log_too_long = False
        self._closed = False

    def committed(self, size: int) -> None:
        """Count the bytes of a batch, and start a checkpoint when there are enough."""
        self._since_last += size + _COMMIT_BYTES
        if self._since_last > _INTERVAL_BYTES and self._running is None:
            self._since_last = 0
            self._running = self._loop.run_in_executor(None, self._run)
            self._running.add_done_callback(self._done)

    def due(self) -> Awaitable[None] | None:
        """What commits must wait for now: a checkpoint that is too slow, or the cut of a long log."""
        if self._log_too_long:
            self._log_too_long = False
            return self._cut_log()
        if self._running is not None and self._log_bytes > _MAX_LOG_BYTES:
            return self._wait_for(self._running)
        return None

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            connection.close()

    def _done(self, future: asyncio.Future[None]) -> None:
        self._running = None
        error = None if future.cancelled() else future.exception()
        if error is not None:
            logger.warning("checkpoint: %s", error)
        elif not self._closed and self._log_bytes > LOG_BYTES:
            self._log_too_long = True
            self._finished()

    @property
    def _log_bytes(self) -> int:
        try:
            return Path(f"{self._path}-wal").stat().st_size
        except OSError:
            return 0

    async def _wait_for(self, checkpoint: asyncio.Future[None]) -> None:
        await asyncio.wait([checkpoint])

    async def _cut_log(self) -> None:
        """The checkpoint has left little to copy: copy it while nothing is written, and cut the log."""
        try:
            await self._loop.run_in_executor(None, self._truncate)
        except sqlite3.Error as error:
            logger.warning("checkpoint: %s", error)

    async def close(self) -> None:
        self._closed = True
        if self._running is not None:
            await asyncio.wait([self._running])
