"""Ends requests whose caller loses access while they run: a stream or a websocket can last for hours."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from types import TracebackType

from spaceport.errors import SpaceportError

_SLICES = 20


class AccessChecks:
    """The checks of all requests of a gateway, each repeated about every `interval_s`; a request costs no timer.

    They are done in slices, so that many open streams do not stop the event loop for long.
    """

    def __init__(self, interval_s: float) -> None:
        self._pause_s = interval_s / _SLICES
        self._open: dict[AccessCheck, None] = {}
        """In the order of their last check."""
        self._timer: asyncio.TimerHandle | None = None

    def add(self, check: AccessCheck) -> None:
        self._open[check] = None
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause_s, self._run)

    def discard(self, check: AccessCheck) -> None:
        self._open.pop(check, None)

    def _run(self) -> None:
        self._timer = None
        for check in list(itertools.islice(self._open, len(self._open) // _SLICES + 1)):
            if check in self._open:
                self._open[check] = self._open.pop(check)
                check.repeat()
        if self._open:
            self._timer = asyncio.get_running_loop().call_later(self._pause_s, self._run)


class AccessCheck:
    """A context manager: while it is entered, the current task is cancelled once `check` raises a `SpaceportError`."""

    __slots__ = ("_check", "_checks", "_task", "revoked")

    def __init__(self, checks: AccessChecks, check: Callable[[], object]) -> None:
        self.revoked = False
        """Set where the task was cancelled for this reason."""
        self._checks = checks
        self._check = check
        self._task: asyncio.Task[object] | None = None

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._checks.add(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._checks.discard(self)

    def repeat(self) -> None:
        try:
            self._check()
        except SpaceportError:
            self.revoked = True
            self._checks.discard(self)
            if self._task is not None:
                self._task.cancel()
