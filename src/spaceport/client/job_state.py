"""The state of one job, kept in the event loop. `Job` (threads) and `AsyncJob` (tasks) show it to the caller."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from spaceport.client.calls import Call
from spaceport.client.connection import Connection
from spaceport.client.core.endpoints import Endpoint
from spaceport.client.core.run import Run
from spaceport.client.errors import JobCancelledError, RequestTimeout
from spaceport.client.status import OutputUpdate, ProgressUnit, Status, StatusUpdate, Update


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
