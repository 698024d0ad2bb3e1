"""The synchronous client: a façade over `AsyncClient` in one background loop.

Importing it loads almost nothing; making a client brings in asyncio and the rest.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spaceport.client.async_client import AsyncClient
    from spaceport.client.background import Background
    from spaceport.client.job import Callback, Job


class Client:
    """Calls the endpoints of one app; connects at once. Use it from any thread, and `with` to close it.

    Arguments as gradio_client's `Client`, and more:

    - `src`: a URL, or `owner/name` on a hub; `hub`: which one (default: `SPACEPORT_HUB`, `HF_ENDPOINT`, Hugging Face).
    - `token`: an access token of the hub; `auth`: (user, password) of an app with a login; `headers`: sent along.
    - `max_workers`: calls on their way at once; more wait here.
    - `timeout`: seconds for each whole call; None: as long as it takes.
    - `httpx_kwargs`: `timeout` (seconds, of connections), `proxy`, `verify`, `cert`, `headers`, `cookies`, `trust_env`.
    - `download_files`: the folder for files in results; False: they stay descriptions.
    - `analytics_enabled`: the peer's; nothing is ever reported to anyone.

    Raises `ConnectionFailed`, `AuthenticationError`, `SpaceNotFound`, `SpaceNotRunning`, `ServerError`.
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
        from spaceport.client.async_client import AsyncClient
        from spaceport.client.background import background

        async def make() -> AsyncClient:
            client = AsyncClient(
                src,
                token,
                max_workers,
                verbose,
                auth,
                httpx_kwargs,
                headers=headers,
                download_files=download_files,
                ssl_verify=ssl_verify,
                hub=hub,
                oauth_token=oauth_token,
                timeout=timeout,
            )
            await client.connect()
            return client

        self._begin(background, make)

    @classmethod
    def duplicate(
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
    ) -> Client:
        """A client of a copy of `from_id` (`owner/name` on the hub), which is made unless it exists.

        `to_id` is the copy's name, with or without its owner. `hardware` as the hub names it; `sleep_timeout`, minutes
        without a call until the copy sleeps, for hardware that costs. `options` are the client's.
        Raises `SpaceNotFound`, `AuthenticationError`, and what connecting raises.
        """
        from spaceport.client.async_client import AsyncClient
        from spaceport.client.background import background

        async def make() -> AsyncClient:
            return await AsyncClient.duplicate(
                from_id,
                to_id,
                token,
                private,
                hardware,
                secrets,
                sleep_timeout,
                max_workers,
                verbose,
                hub=hub,
                **options,
            )

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
        self._finalizer = weakref.finalize(self, _let_go, self._client, self._background, self._beats)
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
        from spaceport.client.job import Job

        callbacks = [result_callbacks] if callable(result_callbacks) else list(result_callbacks or ())
        job = Job(self, callbacks)
        client = self._own()
        work = client.start(args, kwargs, api_name, fn_index, client.call_headers(headers), job.attach)
        self._background.run(work)
        return job

    def job(self, job_id: str) -> Job:
        """Pick up a job by its id, made by this process or another. Raises `JobLost`."""
        from spaceport.client.job import Job

        job = Job(self)
        self._background.run(self._own().pick_up(job_id, job.attach))
        return job

    def view_api(
        self, all_endpoints: bool | None = None, print_info: bool = True, return_format: str | None = None
    ) -> dict[str, Any] | str | None:
        """What the app offers: printed unless told not to; returned as `/info` tells it ("dict") or as text ("str")."""
        return self._background.run(self._own().view_api(all_endpoints, print_info, return_format))

    def reset_session(self) -> None:
        """Begin a new session: state on the server starts anew."""
        self._background.run(self._own().reset_session())

    def close(self) -> None:
        """End calls on their way, close connections. The client cannot be used again."""
        if self._finalizer.detach() is not None and self._generation == self._background.generation:
            try:
                self._background.run(self._client.close())
            finally:
                if self._beats:
                    self._background.release()

    def __str__(self) -> str:
        return str(self.view_api(print_info=False, return_format="str"))

    __repr__ = __str__


def _let_go(client: AsyncClient, background: Background, beats: bool) -> None:
    """A client that nobody closed is gone: close it without waiting."""

    async def close() -> None:
        await client.close()
        if beats:
            background.release()

    background.let_go(close())
