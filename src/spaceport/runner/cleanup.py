"""Cleaning up in a task that is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable


async def finish(work: Awaitable[object]) -> None:
    """Wait until `work` has ended, however often the task that waits is cancelled meanwhile. Raises what `work` raises.

    A task that has been cancelled once and stops a process may be cancelled again; the process must still end.
    """
    task = asyncio.ensure_future(work)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()
