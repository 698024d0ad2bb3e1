"""Collects a journal's records into batches, so that many share one commit. Knows no database.

Everything that arrives within one turn of the event loop is committed together. Small batches may be committed in the
loop itself, where a hop to a thread and back would cost more than the commit (docs/adr/0002); others go to a thread,
and what arrives meanwhile is the next batch.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from spaceport.engine.journal import Done

logger = logging.getLogger("spaceport.store")

_RETRY_INTERVAL_S = 0.5


class Write(NamedTuple):
    """One record of a journal: a statement for its database, and the callback that learns whether it was committed."""

    statement: str
    values: tuple[Any, ...]
    done: Done
    must: bool
    """Whether it is tried again until it works, instead of being refused."""
    size: int
    """About its bytes."""


class GroupCommit:
    """Create it inside the running loop. Loop thread only."""

    def __init__(
        self,
        transact: Callable[[Sequence[Write]], None],
        error: type[Exception],
        *,
        inline_bytes: int,
        committed: Callable[[int], None],
        maintenance: Callable[[], Awaitable[None] | None],
    ) -> None:
        """`transact` commits a batch in one transaction or raises `error`; it is called in the loop for batches of up
        to `inline_bytes`, else in a thread. `committed` is told the bytes of each batch.

        `maintenance` is asked before each batch for work that must be done while nothing is written.
        """
        self._loop = asyncio.get_running_loop()
        self._transact = transact
        self._error = error
        self._inline_bytes = inline_bytes
        self._committed = committed
        self._maintenance = maintenance
        self._pending: list[Write] = []
        self._scheduled = False
        """Whether `flush` is due: soon, or when the thread is done."""
        self._busy: asyncio.Future[None] | None = None
        """What uses the database elsewhere now: a commit in a thread, or maintenance."""
        self._refused: list[Write] = []
        """Records that must be written and could not be; they are tried again."""
        self._retry_timer: asyncio.TimerHandle | None = None
        self._closed = False
        self.failed = False
        """Whether the newest record could not be written."""
        self.commits = 0
        self.records = 0

    @property
    def closed(self) -> bool:
        return self._closed

    def add(self, write: Write) -> None:
        if self._closed:
            write.done(RuntimeError("the journal is closed"))
            return
        self._pending.append(write)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Commit what is pending, unless the database is in use; then that happens as soon as it is free."""
        if self._busy is None:
            work = self._maintenance()
            if work is not None:
                self._busy = asyncio.ensure_future(self._maintain(work))
        if self._busy is not None or not self._pending:
            self._scheduled = self._busy is not None
            return
        batch, self._pending = self._pending, []
        size = sum([write.size for write in batch])
        if size <= self._inline_bytes:
            self._scheduled = False
            self._settle(self._commit(batch), size)
        else:
            self._scheduled = True
            self._busy = asyncio.ensure_future(self._commit_in_thread(batch, size))

    async def _maintain(self, work: Awaitable[None]) -> None:
        try:
            await work
        finally:
            self._busy = None
        self.flush()

    async def _commit_in_thread(self, batch: list[Write], size: int) -> None:
        results = await self._loop.run_in_executor(None, self._commit, batch)
        self._busy = None
        self._settle(results, size)
        self.flush()

    def _commit(self, batch: Sequence[Write]) -> list[tuple[Write, Exception | None]]:
        """Commit a batch at once; if that fails, each record by itself, so that a bad one does not harm the others."""
        try:
            self._transact(batch)
        except self._error as error:
            if len(batch) == 1:
                return [(batch[0], error)]
            return [result for write in batch for result in self._commit([write])]
        return [(write, None) for write in batch]

    def _settle(self, results: Sequence[tuple[Write, Exception | None]], size: int) -> None:
        self.commits += 1
        self.records += len(results)
        for write, error in results:
            self.failed = error is not None
            if error is not None and write.must and not self._closed:
                self._refused.append(write)
            else:
                write.done(error)
        if self._refused and self._retry_timer is None:
            logger.error("the journal cannot be written; %d records are tried again", len(self._refused))
            self._retry_timer = self._loop.call_later(_RETRY_INTERVAL_S, self._retry)
        self._committed(size)

    def _retry(self) -> None:
        self._requeue_refused()
        if not self._scheduled:
            self._scheduled = True
            self.flush()

    def _requeue_refused(self) -> None:
        if self._retry_timer is not None:
            self._retry_timer.cancel()
            self._retry_timer = None
        self._pending[:0], self._refused = self._refused, []

    async def idle(self) -> bool:
        """Wait until nothing else uses the database; False: this was closed meanwhile."""
        while self._busy is not None:
            await asyncio.wait([self._busy])
        return not self._closed

    async def close(self) -> None:
        """Try once more to write everything, then refuse what could not be written and all that comes."""
        while self._pending or self._refused or self._busy is not None:
            if self._busy is not None:
                await asyncio.wait([self._busy])
            else:
                self._closed = True
                self._requeue_refused()
                self.flush()
        self._closed = True
