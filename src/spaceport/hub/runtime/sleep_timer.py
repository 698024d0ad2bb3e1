"""Puts a Space to sleep that had no request for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from spaceport.hub.runtime.context import RuntimeContext
from spaceport.hub.runtime.replica_set import ReplicaSet
from spaceport.hub.runtime.replicas import RunningReplica


class SleepTimer:
    """`on_idle` is called when the Space is to sleep."""

    def __init__(self, context: RuntimeContext, replicas: ReplicaSet, on_idle: Callable[[], None]) -> None:
        self.open = 0
        """Requests and calls in flight."""
        self.used_at = 0.0
        """When the last request began or ended, in monotonic seconds."""
        self._context = context
        self._replicas = replicas
        self._on_idle = on_idle
        self._timer: asyncio.TimerHandle | None = None

    def sleep_s(self) -> float:
        """Seconds without a request until it sleeps; below 0: never."""
        own = self._context.parts.spaces.sleep_s(self._context.space)
        return self._context.parts.limits.sleep_s if own is None else own

    def used(self) -> None:
        """A request begins, or ended."""
        self.used_at = time.monotonic()

    def restart(self) -> None:
        """Wait from the last use on, for as long as the Space's owner says now."""
        self.cancel()
        after = self.sleep_s()
        if after >= 0:
            left = after - (time.monotonic() - self.used_at)
            self._timer = asyncio.get_running_loop().call_later(max(left, 0.1), self._due)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _due(self) -> None:
        if not self._replicas.records:
            return
        if self.open or self._context.is_starting or time.monotonic() - self.used_at < self.sleep_s():
            self.restart()
        else:
            self._on_idle()


class InUse:
    """While it is entered, a request is in flight on the replicas `busy`, and the Space stays awake."""

    __slots__ = ("_busy", "_timer")

    def __init__(self, timer: SleepTimer, busy: Sequence[RunningReplica]) -> None:
        self._timer = timer
        self._busy = busy

    def __enter__(self) -> None:
        self._timer.open += 1
        for one in self._busy:
            one.open += 1
            one.taken += 1
            one.idle.clear()

    def __exit__(self, *_: object) -> None:
        self._timer.open -= 1
        for one in self._busy:
            one.open -= 1
            if not one.open:
                one.idle.set()
        self._timer.used()
