"""The asynchronous client."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from spaceport.client import environment, interface
from spaceport.client.async_job import AsyncJob
from spaceport.client.connection import Connection
from spaceport.client.core.usage_text import usage
from spaceport.client.core.values import needs_conversion
from spaceport.client.errors import ConnectionFailed
from spaceport.client.interface import takes
from spaceport.client.job_state import JobState
from spaceport.client.temporary_files import TemporaryFiles
from spaceport.client.visitor import visitor_headers
from spaceport.snippets.quoting import terminal


class AsyncClient:
    """Calls the endpoints of one app: `async with AsyncClient(src) as client: await client.predict(…)`.

    The client connects with the first call, or with `async with`. It belongs to one event loop.
    """

    @takes(interface.connect)
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._options = interface.connect(self, *args, **kwargs)
        self.src = self._options.src
        self.space_id: str | None = None
        self._connection: Connection | None = None
        self._opening = asyncio.Lock()
        self._slots = asyncio.Semaphore(self._options.max_workers)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @classmethod
    @takes(interface.duplicate)
    async def duplicate(cls, *args: Any, **kwargs: Any) -> AsyncClient:
        from spaceport.client.duplicate import duplicate

        wanted = interface.duplicate(cls, *args, **kwargs)
        wanted.options["token"] = wanted.options["token"] or environment.stored_token()
        client = cls("", **wanted.options)  # the options are checked before the hub is asked
        client.src = client._options.src = await duplicate(wanted, client._options, client._say)
        await client.connect()
        return client

    async def __aenter__(self) -> AsyncClient:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def connect(self) -> Connection:
        """Connect now instead of with the first call."""
        if self._closed:
            raise ConnectionFailed("This client is closed.")
        async with self._opening:
            if self._connection is None:
                self._connection, self.space_id = await self._options.open(self._say)
        return self._connection

    def _say(self, text: str) -> None:
        if self._options.verbose:
            print(terminal(text), flush=True)  # noqa: T201  what `verbose` asks for

    @takes(interface.predict)
    async def predict(self, /, *args: Any, **kwargs: Any) -> Any:
        job = await self.submit(*args, **kwargs)
        try:
            return await job.result()
        except asyncio.CancelledError:
            await asyncio.shield(job.abandon())
            raise

    @takes(interface.submit)
    async def submit(
        self,
        /,
        *args: Any,
        api_name: str | None = None,
        fn_index: int | None = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> AsyncJob:
        await self.connect()
        state, task = await self.start(args, kwargs, api_name, fn_index, self.call_headers(headers))
        return AsyncJob(state, task)

    def call_headers(self, given: Mapping[str, str] | None) -> dict[str, str]:
        """Headers of a call made in the current context: what the caller gave, and whom a Space makes it for."""
        return {**(visitor_headers() if self.space_id is not None else {}), **(given or {})}

    async def start(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        api_name: str | None,
        fn_index: int | None,
        headers: Mapping[str, str],
        state_seen: Any = None,
    ) -> tuple[JobState, asyncio.Task[None]]:
        """`submit` for both clients; `state_seen` gets the job's state before anything happens to it."""
        connection = await self.connect()
        endpoint = connection.app.find(api_name, fn_index)
        timeout = self._options.timeout
        if "timeout" in kwargs and "timeout" not in [parameter.name for parameter in endpoint.parameters]:
            timeout = kwargs.pop("timeout")
        values = endpoint.arguments(args, kwargs)
        files = TemporaryFiles()
        if needs_conversion(values, endpoint.parameters):
            values = await asyncio.to_thread(files.convert, values, endpoint.parameters)
        state = JobState(connection, endpoint)
        if state_seen is not None:
            state_seen(state)

        async def make(state: JobState) -> Any:
            with files:
                return await connection.call(endpoint, state.run, state.tell, values, headers, state.uploaded)

        return state, self._spawn(state, make, timeout)

    def _spawn(self, state: JobState, make: Any, timeout: float | None) -> asyncio.Task[None]:
        async def drive() -> None:
            async with self._slots:
                await state.drive(make, timeout)

        task = asyncio.get_running_loop().create_task(drive())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @takes(interface.job)
    async def job(self, job_id: str) -> AsyncJob:
        return AsyncJob(*await self.pick_up(job_id))

    async def pick_up(self, job_id: str, state_seen: Any = None) -> tuple[JobState, asyncio.Task[None]]:
        connection = await self.connect()
        state = JobState(connection, await connection.endpoint_of(job_id))
        if state_seen is not None:
            state_seen(state)

        async def make(state: JobState) -> Any:
            return connection.follow(state.endpoint, state.run, state.tell, job_id)

        return state, self._spawn(state, make, self._options.timeout)

    @takes(interface.view_api)
    async def view_api(
        self, all_endpoints: bool | None = None, print_info: bool = True, return_format: str | None = None
    ) -> dict[str, Any] | str | None:
        info = (await self.connect()).app.info
        text = usage(info, all_endpoints=all_endpoints)
        if print_info:
            print(terminal(text))  # noqa: T201  what `print_info` asks for
        return info if return_format == "dict" else text if return_format == "str" else None

    @takes(interface.reset_session)
    async def reset_session(self) -> None:
        (await self.connect()).reset_session()

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies that the server has set, and those given with `httpx_kwargs`."""
        return {} if self._connection is None else dict(self._connection.http.cookies)

    @property
    def beats(self) -> bool:
        """Whether it keeps a session alive on the server, which needs its loop to run."""
        return self._connection is not None and self._connection.beats

    async def close_idle(self) -> None:
        """Close the connections that nobody uses; the next call opens its own."""
        if self._connection is not None:
            await self._connection.http.close_idle()

    @takes(interface.close)
    async def close(self) -> None:
        self._closed = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
