"""A job as its caller holds it: `JobState` lives in the loop; `Job` (threads) and `AsyncJob` (tasks) show it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from spaceport.client.background import background
from spaceport.client.calls import Call
from spaceport.client.connection import Connection
from spaceport.client.core.endpoints import Endpoint
from spaceport.client.core.run import Run
from spaceport.client.errors import JobCancelledError, RequestTimeout
from spaceport.client.status import OutputUpdate, ProgressUnit, Status, StatusUpdate, Update

Make = Callable[["JobState"], Any]
Callback = Callable[..., Any]


class JobState:
    """One job in the loop. `observers` are called, in the loop, after each change."""

    def __init__(self, connection: Connection, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.run = Run(endpoint, connection.app.protocol)
        self.outputs: list[Any] = []
        self.status = StatusUpdate(Status.STARTING)
        self.updates: list[Update] = []
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self.observers: list[Callable[[], None]] = []
        self.call: Call | None = None
        self._connection = connection
        self._news: asyncio.Queue[list[Update]] = asyncio.Queue()

    @property
    def id(self) -> str | None:
        return None if self.call is None else self.call.job_id

    async def drive(self, make: Callable[[JobState], Any], timeout: float | None) -> None:
        """From nothing to the end; never raises for what happens to the job."""
        try:
            await asyncio.wait_for(self._drive(make), timeout)
        except asyncio.TimeoutError:
            await self._give_up(RequestTimeout(f"{self.endpoint.name} did not end within {timeout:g} s."))
        except asyncio.CancelledError:
            self._end(None, JobCancelledError("The client was closed before the job ended."))
            raise
        except Exception as error:  # noqa: BLE001  whatever it was, the caller must get it instead of waiting
            self._end(None, error)

    async def _drive(self, make: Callable[[JobState], Any]) -> None:
        self.call = await make(self)
        driver = asyncio.ensure_future(self.call.drive())
        driver.add_done_callback(lambda _: self._news.put_nowait([]))
        try:
            while not self.done:
                news = await self._news.get()
                for update in news:
                    await self._take(update)
                if not news and driver.done() and not self.done and self._news.empty():
                    driver.result()
                    self._end(None, self.run.error or JobCancelledError("The job ended without a result."))
        finally:
            driver.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await driver

    def tell(self, updates: list[Update]) -> None:
        """What a call hands its updates to."""
        if updates:
            self._news.put_nowait(updates)

    def uploaded(self, units: list[ProgressUnit]) -> None:
        """How far the files of the call are, before there is a call."""
        if not self.done:
            self.status = StatusUpdate(Status.SENDING_DATA, progress_data=units)
            self._publish(self.status)

    async def _take(self, update: Update) -> None:
        if self.done:
            return
        if isinstance(update, StatusUpdate):
            self.status = update
            if update.code is Status.CANCELLED or (update.code is Status.FINISHED and not update.success):
                self._end(None, self.run.error)
            else:
                self._publish(update)
            return
        value = await self._connection.result(self.endpoint, update.outputs)
        if update.final:
            if not self.outputs:
                self.outputs.append(value)
            self._end(value, None)
        else:
            self.outputs.append(value)
            self._publish(OutputUpdate(value))

    def _publish(self, update: Update) -> None:
        self.updates.append(update)
        self._tell_observers()

    def _tell_observers(self) -> None:
        for observer in list(self.observers):
            observer()

    def _end(self, value: Any, error: BaseException | None) -> None:
        if self.done:
            return
        self.done, self.value, self.error = True, value, error
        code = Status.CANCELLED if isinstance(error, JobCancelledError) else Status.FINISHED
        self.status = StatusUpdate(code, rank=None if error else 0, success=error is None)
        self.updates.append(self.status)
        if error is None:
            self.updates.append(OutputUpdate(value, final=True))
        self._tell_observers()
        self.observers.clear()  # a job and its client go with their last name, not with the next garbage collection

    async def cancel(self) -> bool:
        """End it here at once, then on the server. False if it had ended."""
        if self.done:
            return False
        await self._give_up(JobCancelledError("The job was cancelled."))
        return True

    async def _give_up(self, error: BaseException) -> None:
        self._end(None, error)
        self._news.put_nowait([])
        if self.call is not None:
            await self.call.cancel()


class AsyncJob:
    """`await job.result()`, `async for output in job`, `job.status()`. Belongs to the loop it was made in."""

    def __init__(self, state: JobState, task: asyncio.Task[None]) -> None:
        self._state = state
        self._task = task
        self._changed = asyncio.Event()
        state.observers.append(self._changed.set)

    @property
    def id(self) -> str | None:
        """The server's id of the job, None until it is accepted: `client.job(id)` picks it up again."""
        return self._state.id

    async def result(self, timeout: float | None = None) -> Any:
        """The result. Raises what the job ended with; `RequestTimeout` after `timeout` seconds leaves it running."""
        try:
            await asyncio.wait_for(asyncio.shield(self._wait()), timeout)
        except asyncio.TimeoutError:
            raise RequestTimeout(f"The job has not ended within {timeout:g} s; it goes on.") from None
        if self._state.error is not None:
            raise self._state.error
        return self._state.value

    def __await__(self) -> Generator[Any, None, Any]:
        return self.result().__await__()

    async def exception(self, timeout: float | None = None) -> BaseException | None:
        """What it ended with, or None for a result."""
        try:
            await self.result(timeout)
        except RequestTimeout:
            if not self._state.done:
                raise
        except BaseException:
            if not self._state.done:
                raise
        return self._state.error

    async def _wait(self) -> None:
        while not self._state.done:
            self._changed.clear()
            await self._changed.wait()

    def outputs(self) -> list[Any]:
        """Outputs so far; the result alone for a function that does not stream."""
        return list(self._state.outputs)

    def status(self) -> StatusUpdate:
        return self._state.status

    def done(self) -> bool:
        return self._state.done

    def cancelled(self) -> bool:
        return isinstance(self._state.error, JobCancelledError)

    async def cancel(self) -> bool:
        return await self._state.cancel()

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Outputs as they come. Raises what the job ended with."""
        seen = 0
        while True:
            self._changed.clear()
            while seen < len(self._state.outputs):
                seen += 1
                yield self._state.outputs[seen - 1]
            if self._state.done:
                break
            await self._changed.wait()
        if self._state.error is not None:
            raise self._state.error

    async def updates(self) -> AsyncIterator[Update]:
        """Every status and output as it comes, from the first on."""
        seen = 0
        while True:
            self._changed.clear()
            while seen < len(self._state.updates):
                seen += 1
                yield self._state.updates[seen - 1]
            if self._state.done:
                return
            await self._changed.wait()


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
        """Cancel it here and on the server. False if it had ended."""
        if self._job is None or self.done():
            return False
        return background.run(self._job.cancel())

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
