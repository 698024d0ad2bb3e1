"""The asynchronous client."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spaceport.client import environment
from spaceport.client.async_job import AsyncJob
from spaceport.client.connection import Connection
from spaceport.client.core.usage_text import usage
from spaceport.client.errors import ConnectionFailed
from spaceport.client.job_state import JobState
from spaceport.client.network import Settings
from spaceport.client.options import Options
from spaceport.client.visitor import visitor_headers


class AsyncClient:
    """Calls the endpoints of one app: `async with AsyncClient(src) as client: await client.predict(…)`.

    Arguments and errors as `Client`'s. Connects with the first use, or with `async with`. Belongs to one event loop.
    """

    def __init__(
        self,
        src: str,
        token: str | None = None,
        max_workers: int = 40,
        verbose: bool = True,
        auth: tuple[str, str] | None = None,
        httpx_kwargs: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        download_files: str | Path | bool = True,
        ssl_verify: bool = True,
        hub: str | None = None,
        oauth_token: str | None = None,
        timeout: float | None = None,
        analytics_enabled: bool = False,
    ) -> None:
        self.src = src
        self.space_id: str | None = None
        self._options = Options.read(
            src,
            token=token,
            max_workers=max_workers,
            verbose=verbose,
            auth=auth,
            network=Settings.read(httpx_kwargs, ssl_verify=ssl_verify),
            headers=headers,
            download_files=download_files,
            hub=hub,
            oauth_token=oauth_token,
            timeout=timeout,
        )
        self._connection: Connection | None = None
        self._opening = asyncio.Lock()
        self._slots = asyncio.Semaphore(max_workers)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @classmethod
    async def duplicate(
        cls,
        from_id: str,
        to_id: str | None = None,
        token: str | None = None,
        private: bool = True,
        hardware: str | None = None,
        secrets: Mapping[str, str] | None = None,
        sleep_timeout: float = 5,
        max_workers: int = 40,
        verbose: bool = True,
        *,
        hub: str | None = None,
        **options: Any,
    ) -> AsyncClient:
        """A client of a copy of `from_id` (`owner/name` on the hub), which is made unless it exists.

        `to_id` is the copy's name, with or without its owner. `hardware` as the hub names it; `sleep_timeout`, minutes
        without a call until the copy sleeps, for hardware that costs. `options` are the client's.
        Raises `SpaceNotFound`, `AuthenticationError`, and what connecting raises.
        """
        from spaceport.client.duplicate import duplicate

        token = token or environment.stored_token()
        copy = await duplicate(
            from_id,
            to_id,
            hub=environment.hub(hub),
            token=token,
            private=private,
            hardware=hardware,
            secrets=secrets or {},
            sleep_timeout=sleep_timeout,
            settings=Settings.read(options.get("httpx_kwargs"), ssl_verify=options.get("ssl_verify", True)),
            say=print if verbose else lambda _: None,
        )
        client = cls(copy, token=token, max_workers=max_workers, verbose=verbose, hub=hub, **options)
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
            print(text, flush=True)  # noqa: T201  what `verbose` asks for

    async def predict(
        self,
        *args: Any,
        api_name: str | None = None,
        fn_index: int | None = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Call and wait for the result."""
        job = await self.submit(*args, api_name=api_name, fn_index=fn_index, headers=headers, **kwargs)
        try:
            return await job.result()
        except asyncio.CancelledError:
            await asyncio.shield(job.cancel())
            raise

    async def submit(
        self,
        *args: Any,
        api_name: str | None = None,
        fn_index: int | None = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> AsyncJob:
        """Start a call. Raises `EndpointNotFound` and `TypeError` (arguments) before anything is sent.

        `timeout=` (seconds, for the whole call) belongs to the client unless the endpoint has a parameter of that name.
        """
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
        state = JobState(connection, endpoint)
        if state_seen is not None:
            state_seen(state)

        async def make(state: JobState) -> Any:
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

    async def job(self, job_id: str) -> AsyncJob:
        """Pick up a job by its id, made by this process or another. Raises `JobLost`."""
        return AsyncJob(*await self.pick_up(job_id))

    async def pick_up(self, job_id: str, state_seen: Any = None) -> tuple[JobState, asyncio.Task[None]]:
        connection = await self.connect()
        state = JobState(connection, await connection.endpoint_of(job_id))
        if state_seen is not None:
            state_seen(state)

        async def make(state: JobState) -> Any:
            return connection.follow(state.endpoint, state.run, state.tell, job_id)

        return state, self._spawn(state, make, self._options.timeout)

    async def view_api(
        self, all_endpoints: bool | None = None, print_info: bool = True, return_format: str | None = None
    ) -> dict[str, Any] | str | None:
        """What the app offers: printed unless told not to; returned as `/info` tells it ("dict") or as text ("str")."""
        info = (await self.connect()).app.info
        text = usage(info, all_endpoints=all_endpoints)
        if print_info:
            print(text)  # noqa: T201  what `print_info` asks for
        return info if return_format == "dict" else text if return_format == "str" else None

    async def reset_session(self) -> None:
        """Begin a new session: state on the server starts anew."""
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

    async def close(self) -> None:
        """End calls on their way, close connections. The client cannot be used again."""
        self._closed = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
