"""A job of the synchronous client."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from spaceport.client.background import background
from spaceport.client.errors import JobCancelledError, RequestTimeout
from spaceport.client.job_state import JobState
from spaceport.client.status import Status, StatusUpdate, Update

Callback = Callable[..., Any]


class Job(Future[Any]):
    """A future with outputs and a status. Use it from any thread; `for output in job` yields as they come."""

    def __init__(self, client: object, callbacks: Sequence[Callback] = ()) -> None:
        """`client` is kept as long as the job: a client that nobody refers to is closed."""
        super().__init__()
        self._client = client
        self._job: JobState | None = None
        self._changed = threading.Condition()
        self._callbacks = callbacks
        self._async_waiters: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    # In the loop

    def attach(self, state: JobState) -> None:
        self._job = state
        background.hold()
        self.add_done_callback(lambda _: background.release())
        state.observers.append(self._observe)
        self.set_running_or_notify_cancel()

    def _observe(self) -> None:
        state = self._job
        assert state is not None
        if state.done and not self.done():
            if state.error is not None:
                self.set_exception(state.error)
            else:
                self.set_result(state.value)
                self._call_back(state.value)
        with self._changed:
            self._changed.notify_all()
            waiters = list(self._async_waiters)
        for loop, event in waiters:
            with contextlib.suppress(RuntimeError):  # that loop may have been closed
                loop.call_soon_threadsafe(event.set)

    def _call_back(self, value: Any) -> None:
        for callback in self._callbacks:
            arguments = value if isinstance(value, tuple) else (value,)
            threading.Thread(target=callback, args=arguments, name="spaceport-callback", daemon=True).start()

    # For the caller

    @property
    def id(self) -> str | None:
        """The server's id of the job: `client.job(id)` picks it up again. Waits until the server has accepted it.

        None for a job that ended before that.
        """
        with self._changed:
            while not self.done() and (self._job is None or self._job.id is None):
                self._changed.wait()
        return None if self._job is None else self._job.id

    def result(self, timeout: float | None = None) -> Any:
        """The result. Raises what the job ended with; `RequestTimeout` after `timeout` seconds leaves it running."""
        try:
            return super().result(timeout)
        except FutureTimeout as error:
            if self.done():
                raise
            raise RequestTimeout(f"The job has not ended within {timeout:g} s; it goes on.") from error

    def outputs(self) -> list[Any]:
        """Outputs so far; the result alone for a function that does not stream."""
        return [] if self._job is None else list(self._job.outputs)

    def status(self) -> StatusUpdate:
        """What is known of it now."""
        return StatusUpdate(Status.STARTING) if self._job is None else self._job.status

    def cancel(self) -> bool:
        """Cancel the job here and on the server. Returns False if it had ended.

        Raises what the server refuses the cancellation with: the job then goes on there.
        """
        if self._job is None or self.done():
            return False
        return background.run(self._job.cancel())

    def abandon(self) -> None:
        """Cancel the job because nobody waits for it any more. A refusal of the server is logged, not raised."""
        if self._job is not None:
            background.run(self._job.abandon(JobCancelledError("The job was cancelled.")))

    def cancelled(self) -> bool:
        return self.done() and isinstance(self._job and self._job.error, JobCancelledError)

    def __iter__(self) -> Iterator[Any]:
        """Outputs as they come. Raises what the job ended with."""
        seen = 0
        while True:
            with self._changed:
                while not self.done() and (self._job is None or seen >= len(self._job.outputs)):
                    self._changed.wait()
            for output in self.outputs()[seen:]:
                seen += 1
                yield output
            if self.done() and seen >= len(self.outputs()):
                break
        error = self.exception()
        if error is not None:
            raise error

    async def __aiter__(self) -> AsyncIterator[Update]:
        """Every status and output as it comes; the last output is final."""
        seen = 0
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        with self._changed:
            self._async_waiters.append(waiter)
        try:
            while True:
                waiter[1].clear()
                finished = self.done()
                updates = [] if self._job is None else self._job.updates[seen:]
                seen += len(updates)
                for update in updates:
                    yield update
                if finished:
                    return
                await waiter[1].wait()
        finally:
            with self._changed:
                self._async_waiters.remove(waiter)
