"""One background event loop for all sync clients of a process.

Its thread starts with the first use and ends some seconds after the last user has let go. A forked child starts its
own: it inherits neither the thread nor a usable loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
_LINGER_S = 3.0


class Background:
    """`hold` and `release` count users; while there is one, the loop stays."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew; in a forked child the thread is gone, and it may have held the lock."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._users = 0
        self._turn = 0

    def hold(self) -> asyncio.AbstractEventLoop:
        """The running loop, kept until `release`."""
        with self._lock:
            self._users += 1
            self._turn += 1
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                started = threading.Event()
                thread = threading.Thread(
                    target=_serve, args=(self._loop, started), name="spaceport-client", daemon=True
                )
                thread.start()
                started.wait()
            return self._loop

    def release(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._loop is not None:
                loop, turn = self._loop, self._turn
                loop.call_soon_threadsafe(loop.call_later, _LINGER_S, self._end, turn)

    def _end(self, turn: int) -> None:
        with self._lock:
            if self._users == 0 and self._turn == turn and self._loop is not None:
                loop, self._loop = self._loop, None
                loop.stop()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine in the loop; the loop stays until it has ended."""
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


def _serve(loop: asyncio.AbstractEventLoop, started: threading.Event) -> None:
    asyncio.set_event_loop(loop)
    loop.call_soon(started.set)
    try:
        loop.run_forever()
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        with contextlib.suppress(RuntimeError):
            loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


background = Background()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=background.forget)
