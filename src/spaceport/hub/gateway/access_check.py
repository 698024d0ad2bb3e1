"""Ends requests whose caller loses access while they run: a stream or a websocket can last for hours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from spaceport.errors import SpaceportError


class AccessChecks:
    """The checks of all requests of a gateway, each repeated about every `interval_s`; a request costs no timer."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._open: set[AccessCheck] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, check: AccessCheck) -> None:
        self._open.add(check)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._run)

    def discard(self, check: AccessCheck) -> None:
        self._open.discard(check)

    def _run(self) -> None:
        self._timer = None
        for check in list(self._open):
            check.repeat()
        if self._open:
            self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._run)


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
