"""The synchronous client: a façade over `AsyncClient` in one background loop."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from spaceport.client.aclient import AsyncClient
from spaceport.client.background import background
from spaceport.client.job import Callback, Job


class Client:
    """Calls the endpoints of one app; connects at once. Use it from any thread, and `with` to close it.

    `src` is a URL, or `owner/name` on a hub. Arguments as gradio_client's `Client`; more: `hub`, and `timeout` for
    every call (seconds). Raises `ConnectionFailed`, `AuthenticationError`, `SpaceNotFound`, `SpaceNotRunning`,
    `ServerError`.
    """

    def __init__(self, src: str, *args: Any, **kwargs: Any) -> None:
        async def make() -> AsyncClient:
            client = AsyncClient(src, *args, **kwargs)
            await client.connect()
            return client

        self.src = src
        loop = background.hold()
        try:
            self._client = background.run(make())
        except BaseException:
            background.release()
            raise
        self._finalizer = weakref.finalize(self, _let_go, self._client, loop)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def space_id(self) -> str | None:
        return self._client.space_id

    def predict(
        self,
        *args: Any,
        api_name: str | None = None,
        fn_index: int | None = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Call and wait for the result."""
        job = self.submit(*args, api_name=api_name, fn_index=fn_index, headers=headers, **kwargs)
        try:
            return job.result()
        except KeyboardInterrupt:
            job.cancel()
            raise

    def submit(
        self,
        *args: Any,
        api_name: str | None = None,
        fn_index: int | None = None,
        headers: Mapping[str, str] | None = None,
        result_callbacks: Callback | Sequence[Callback] | None = None,
        **kwargs: Any,
    ) -> Job:
        """Start a call. Raises `EndpointNotFound` and `TypeError` (arguments) before anything is sent.

        `timeout=` (seconds, for the whole call) belongs to the client unless the endpoint has a parameter of that name.
        """
        callbacks = [result_callbacks] if callable(result_callbacks) else list(result_callbacks or ())
        job = Job(callbacks)
        background.run(self._client.start(args, kwargs, api_name, fn_index, headers, job.attach))
        return job

    def job(self, job_id: str) -> Job:
        """Pick up a job by its id, made by this process or another. Raises `JobLost`."""
        job = Job()
        background.run(self._client.pick_up(job_id, job.attach))
        return job

    def view_api(
        self, all_endpoints: bool | None = None, print_info: bool = True, return_format: str | None = None
    ) -> dict[str, Any] | str | None:
        """What the app offers: printed, as text (`return_format="str"`) or as `/info` tells it ("dict")."""
        return background.run(self._client.view_api(all_endpoints, print_info, return_format))

    def reset_session(self) -> None:
        """Begin a new session: state on the server starts anew."""
        background.run(self._client.reset_session())

    def close(self) -> None:
        """End calls on their way, close connections. The client cannot be used again."""
        if self._finalizer.detach() is not None:
            try:
                background.run(self._client.close())
            finally:
                background.release()

    def __str__(self) -> str:
        return str(self.view_api(return_format="str"))

    __repr__ = __str__


def _let_go(client: AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
    """A client that nobody closed is gone: close it without waiting."""
    if not loop.is_closed() and loop.is_running():
        asyncio.run_coroutine_threadsafe(client.close(), loop).add_done_callback(lambda _: background.release())
