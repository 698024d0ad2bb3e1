"""Ends requests whose caller loses access while they run: a stream or a websocket can last for hours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from spaceport.errors import SpaceportError


class AccessCheck:
    """A context manager: while it is entered, the current task is cancelled once `check` raises a `SpaceportError`."""

    __slots__ = ("_check", "_interval_s", "_loop", "_task", "_timer", "revoked")

    def __init__(self, check: Callable[[], object], interval_s: float) -> None:
        self.revoked = False
        """Set where the task was cancelled for this reason."""
        self._check = check
        self._interval_s = interval_s

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(self._interval_s, self._run)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def _run(self) -> None:
        try:
            self._check()
        except SpaceportError:
            self.revoked = True
            if self._task is not None:
                self._task.cancel()
        else:
            self._timer = self._loop.call_later(self._interval_s, self._run)
