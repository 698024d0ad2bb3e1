"""One background event loop for all sync clients of a process.

Its thread starts when there is work and ends some seconds after the last of it; the loop itself stays, so that what
belongs to it can go on with the next work. A forked child begins anew: it has no thread, and the parent's loop and
connections are not its own.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
_LINGER_S = 3.0


class IdleCloser(Protocol):
    async def close_idle(self) -> None:
        """Close idle connections. Called before the thread ends."""
        ...


class Background:
    """Keeps its thread running while somebody holds it: `hold` and `release` count."""

    def __init__(self) -> None:
        self.generation = 0
        """Changes with a fork: what was made in another generation belongs to the parent."""
        self.idle_closers: weakref.WeakSet[IdleCloser] = weakref.WeakSet()
        self._inherited: list[asyncio.AbstractEventLoop] = []
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._awake = False
        self._users = 0
        self._turn = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    def forget(self) -> None:
        """Start anew in a forked child.

        The parent's loop is never touched, not even by the garbage collector: both processes share its selector.
        """
        if self._loop is not None:
            self._inherited.append(self._loop)
        self.generation += 1
        self.idle_closers = weakref.WeakSet()
        self._begin()

    def hold(self) -> asyncio.AbstractEventLoop:
        """Start the thread if needed and return its loop, which runs until `release`."""
        with self._lock:
            self._users += 1
            self._turn += 1
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
            if not self._awake:
                arguments = (self._loop, self._thread)
                self._thread = threading.Thread(target=_serve, args=arguments, name="spaceport-client", daemon=True)
                self._awake = True
                self._thread.start()
            return self._loop

    def release(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.call_later, _LINGER_S, self._pause_soon, self._turn)

    def _pause_soon(self, turn: int) -> None:
        if self._turn == turn and self._users == 0 and self._loop is not None:
            self._start(self._pause(turn))

    async def _pause(self, turn: int) -> None:
        for one in list(self.idle_closers):
            await one.close_idle()
        with self._lock:
            if self._users == 0 and self._turn == turn and self._loop is not None:
                self._awake = False
                self._loop.stop()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine in the loop; the thread stays until it has ended."""
        loop = self.hold()
        future = asyncio.run_coroutine_threadsafe(work, loop)
        future.add_done_callback(lambda _: self.release())
        return future

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop and wait for it. An interrupted wait cancels it."""
        future = self.submit(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def run_if_awake(self, work: Coroutine[Any, Any, Any]) -> None:
        """Schedule a coroutine if the loop runs, and never wait. Safe in a finalizer, which can run at any time."""
        loop = self._loop
        if loop is None or loop.is_closed() or not self._awake:
            work.close()
        else:
            loop.call_soon_threadsafe(self._start, work)

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start a task, and refer to it until it has ended: asyncio itself keeps weak references only."""
        assert self._loop is not None
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """Close the loop at the end of the process, unless its thread still runs."""
        if self._loop is not None and not self._awake:
            self._loop.close()


def _serve(loop: asyncio.AbstractEventLoop, before: threading.Thread | None) -> None:
    if before is not None:
        before.join()
    asyncio.set_event_loop(loop)
    loop.run_forever()


background = Background()
atexit.register(background.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=background.forget)
