"""The synchronous client: a façade over `AsyncClient` in one background loop.

Importing it loads almost nothing; making a client brings in asyncio and the rest.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spaceport.client import interface
from spaceport.client.interface import takes

if TYPE_CHECKING:
    from spaceport.client.async_client import AsyncClient
    from spaceport.client.background import Background
    from spaceport.client.job import Callback, Job


class Client:
    """Calls the endpoints of one app. It connects at once, can be used from any thread, and `with` closes it."""

    @takes(interface.connect)
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from spaceport.client.async_client import AsyncClient
        from spaceport.client.background import background

        async def make() -> AsyncClient:
            client = AsyncClient(*args, **kwargs)
            await client.connect()
            return client

        self._begin(background, make)

    @classmethod
    @takes(interface.duplicate)
    def duplicate(cls, *args: Any, **kwargs: Any) -> Client:
        from spaceport.client.async_client import AsyncClient
        from spaceport.client.background import background

        async def make() -> AsyncClient:
            return await AsyncClient.duplicate(*args, **kwargs)

        client = cls.__new__(cls)
        client._begin(background, make)
        return client

    def _begin(self, background: Background, make: Callable[[], Coroutine[Any, Any, AsyncClient]]) -> None:
        self._background = background
        self._make = make
        self._open()

    def _open(self) -> None:
        self._generation = self._background.generation
        self._client = self._background.run(self._make())
        self._background.idle_closers.add(self._client)
        self._beats = self._client.beats
        if self._beats:  # its session lives as long as somebody beats for it
            self._background.hold()
        self._finalizer = weakref.finalize(self, _close_later, self._client, self._background, self._beats)
        self._finalizer.atexit = False

    def _own(self) -> AsyncClient:
        """The client inside; in a forked child a new one, the parent's connections and session being the parent's."""
        if self._generation != self._background.generation:
            self._finalizer.detach()
            self._parents = self._client  # kept: its connections must not be closed from here
            self._open()
        return self._client

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def src(self) -> str:
        return self._client.src

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies that the server has set, and those given with `httpx_kwargs`."""
        return self._client.cookies

    @property
    def space_id(self) -> str | None:
        return self._client.space_id

    @takes(interface.predict)
    def predict(self, /, *args: Any, **kwargs: Any) -> Any:
        job = self.submit(*args, **kwargs)
        try:
            return job.result()
        except KeyboardInterrupt:
            job.abandon()
            raise

    def submit(
        self,
        /,
        *args: Any,
        api_name: str | None = None,
        fn_index: int | None = None,
        headers: Mapping[str, str] | None = None,
        result_callbacks: Callback | Sequence[Callback] | None = None,
        **kwargs: Any,
    ) -> Job:
        """Start a call and return its job, as `AsyncClient.submit` does.

        `result_callbacks` are called with the result, each in a thread of its own.
        """
        from spaceport.client.job import Job

        callbacks = [result_callbacks] if callable(result_callbacks) else list(result_callbacks or ())
        job = Job(self, callbacks)
        client = self._own()
        work = client.start(args, kwargs, api_name, fn_index, client.call_headers(headers), job.attach)
        self._background.run(work)
        return job

    @takes(interface.job)
    def job(self, job_id: str) -> Job:
        from spaceport.client.job import Job

        job = Job(self)
        self._background.run(self._own().pick_up(job_id, job.attach))
        return job

    @takes(interface.view_api)
    def view_api(self, *args: Any, **kwargs: Any) -> dict[str, Any] | str | None:
        return self._background.run(self._own().view_api(*args, **kwargs))

    @takes(interface.reset_session)
    def reset_session(self) -> None:
        self._background.run(self._own().reset_session())

    @takes(interface.close)
    def close(self) -> None:
        if self._finalizer.detach() is not None and self._generation == self._background.generation:
            try:
                self._background.run(self._client.close())
            finally:
                if self._beats:
                    self._background.release()

    def __str__(self) -> str:
        return str(self.view_api(print_info=False, return_format="str"))

    __repr__ = __str__


def _close_later(client: AsyncClient, background: Background, beats: bool) -> None:
    """Close a client that was garbage collected without `close`. Never waits."""

    async def close() -> None:
        await client.close()
        if beats:
            background.release()

    background.run_if_awake(close())
