"""A job of the asynchronous client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator
from typing import Any, TypeVar

from spaceport.client.errors import JobCancelledError, RequestTimeout
from spaceport.client.job_state import JobState
from spaceport.client.status import StatusUpdate, Update

T = TypeVar("T")


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
        """Cancel the job here and on the server. Returns False if it had ended.

        Raises what the server refuses the cancellation with: the job then goes on there.
        """
        return await self._state.cancel()

    async def abandon(self) -> None:
        """Cancel the job because nobody waits for it any more. A refusal of the server is logged, not raised."""
        await self._state.abandon(JobCancelledError("The job was cancelled."))

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Outputs as they come. Raises what the job ended with."""
        async for output in self._follow(self._state.outputs):
            yield output
        if self._state.error is not None:
            raise self._state.error

    def updates(self) -> AsyncIterator[Update]:
        """Every status and output as it comes, from the first on."""
        return self._follow(self._state.updates)

    async def _follow(self, values: list[T]) -> AsyncIterator[T]:
        """The values of a list that grows until the job has ended."""
        seen = 0
        while True:
            self._changed.clear()
            while seen < len(values):
                seen += 1
                yield values[seen - 1]
            if self._state.done:
                return
            await self._changed.wait()
