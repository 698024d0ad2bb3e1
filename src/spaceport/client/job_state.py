"""The state of one job, kept in the event loop. `Job` (threads) and `AsyncJob` (tasks) show it to the caller."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

from spaceport.client.calls import Call
from spaceport.client.connection import Connection
from spaceport.client.core.endpoints import Endpoint
from spaceport.client.core.run import Run
from spaceport.client.errors import JobCancelledError, RequestTimeout
from spaceport.client.status import OutputUpdate, ProgressUnit, Status, StatusUpdate, Update
from spaceport.errors import SpaceportError

_LOG = logging.getLogger("spaceport.client")


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
        self._task: asyncio.Task[Any] | None = None

    @property
    def id(self) -> str | None:
        return None if self.call is None else self.call.job_id

    async def drive(self, make: Callable[[JobState], Any], timeout: float | None) -> None:
        """Make the call and follow it to its end. What happens to the job is kept here and not raised."""
        if self.done:  # cancelled while it waited for its turn
            return
        self._task = asyncio.current_task()
        try:
            if timeout is None:
                await self._drive(make)
            else:
                await self._drive_within(make, timeout)
        except asyncio.CancelledError:
            self._end(None, JobCancelledError("The client was closed before the job ended."))
            raise
        except Exception as error:  # noqa: BLE001  whatever it was, the caller must get it instead of waiting
            self._end(None, error)

    async def _drive_within(self, make: Callable[[JobState], Any], timeout: float) -> None:
        work = asyncio.ensure_future(self._drive(make))
        try:
            await asyncio.wait({work}, timeout=timeout)
            if not work.done():  # it goes on until the server has been told
                await self.abandon(RequestTimeout(f"{self.endpoint.name} did not end within {timeout:g} s."))
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work

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
        """End the job here at once, then on the server. Returns False if it had ended.

        Raises what the server refuses the cancellation with, and what a connection can raise: the job may then go on.
        """
        if self.done:
            return False
        await self._give_up(JobCancelledError("The job was cancelled."))
        return True

    async def abandon(self, error: SpaceportError) -> None:
        """End the job with `error`, here and on the server. A refusal of the server is logged, not raised."""
        if self.done:
            return
        try:
            await self._give_up(error)
        except SpaceportError as refusal:
            error.__cause__ = refusal
            _LOG.warning("The server did not cancel the job %s, which may go on there: %s", self.id, refusal)

    async def _give_up(self, error: SpaceportError) -> None:
        self._end(None, error)
        if self.call is None:  # its files are on their way, or it waits for its turn: nothing is on the server
            if self._task is not None and self._task is not asyncio.current_task():
                self._task.cancel()
            return
        try:
            await self.call.cancel()
        finally:
            self._news.put_nowait([])
