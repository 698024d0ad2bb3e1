"""A pool of daemon threads for plain functions: a function that never returns cannot keep the process alive."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

_Task = tuple[Callable[[], Any], "asyncio.Future[Any]", asyncio.AbstractEventLoop]


class Threads:
    """At most `size` threads, started on demand; more work waits for a free one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._started = 0
        self._idle = 0
        self._lock = threading.Lock()  # guards _idle
        self._queue: SimpleQueue[_Task | None] = SimpleQueue()

    def run(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        """Run `work` in a thread, in a copy of the caller's context. Cancelling the future does not stop it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        context = contextvars.copy_context()
        with self._lock:
            needed = self._idle <= self._queue.qsize()
        self._queue.put((lambda: context.run(work), future, loop))
        if needed and self._started < self._size:
            self._started += 1
            threading.Thread(target=self._serve, daemon=True, name=f"spaceport-{self._started}").start()
        return future

    def close(self) -> None:
        """Stop threads once they are idle."""
        for _ in range(self._started):
            self._queue.put(None)

    def _serve(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            task = self._queue.get()
            with self._lock:
                self._idle -= 1
            if task is None:
                return
            work, future, loop = task
            try:
                result, error = work(), None
            except BaseException as caught:  # noqa: BLE001  a user's function; its error is the result
                result, error = None, caught
            try:
                loop.call_soon_threadsafe(_deliver, future, result, error)
            except RuntimeError:  # the loop was closed while the function ran
                return
            del task, work, future, result, error


def _deliver(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    elif isinstance(error, StopIteration):
        future.set_exception(RuntimeError("the function raised StopIteration"))
    else:
        future.set_exception(error)
