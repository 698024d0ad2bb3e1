"""Parameters, defaults and docstrings that `Client` and `AsyncClient` share: each is written here and nowhere else.

A method of a client is marked with `@takes(…)`: type checkers and `inspect.signature` see the parameters of the
function named there. Importing this module loads almost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from spaceport.client.options import Duplication, Options

P = ParamSpec("P")
R = TypeVar("R")


def takes(shared: Callable[P, Any]) -> Callable[[Callable[..., R]], Callable[P, R]]:
    """Give a method the parameters and the docstring of `shared`; it returns what it returned before."""

    def decorate(method: Callable[..., R]) -> Callable[P, R]:
        method.__doc__ = shared.__doc__
        method.__wrapped__ = shared  # type: ignore[attr-defined]
        return method

    return decorate


def connect(
    self: Any,  # noqa: ARG001  a method has it
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
    analytics_enabled: bool = False,  # noqa: ARG001  gradio_client has it
) -> Options:
    """The arguments are those of gradio_client's `Client`, and some more.

    - `src`: a URL, or `owner/name` on a hub. `hub`: the hub (default: `SPACEPORT_HUB`, `HF_ENDPOINT`, Hugging Face).
    - `token`: an access token of the hub. `auth`: (user, password) of an app with a login. `headers`: sent along.
    - `max_workers`: the number of calls that run at once; further calls wait in this client.
    - `timeout`: seconds for each whole call; None: no limit.
    - `httpx_kwargs`: `timeout` (seconds, of connections), `proxy`, `verify`, `cert`, `headers`, `cookies`, `trust_env`.
    - `download_files`: the folder for files in results. False: results keep the server's descriptions of files.
    - `analytics_enabled`: accepted because gradio_client has it; this client never reports anything.

    Raises `ConnectionFailed`, `AuthenticationError`, `SpaceNotFound`, `SpaceNotRunning`, `ServerError`.
    """
    from spaceport.client.network import Settings
    from spaceport.client.options import Options

    return Options.checked(
        src=src,
        token=token,
        max_workers=max_workers,
        verbose=verbose,
        auth=auth,
        network=Settings.read(httpx_kwargs, ssl_verify=ssl_verify),
        headers=dict(headers or {}),
        download_files=download_files,
        hub=hub,
        oauth_token=oauth_token,
        timeout=timeout,
    )


def duplicate(
    cls: Any,  # noqa: ARG001  a method has it
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
) -> Duplication:
    """Connect to a copy of the Space `from_id` (`owner/name` on the hub). The copy is made unless it exists.

    `to_id` is the copy's name, with or without its owner. `hardware` is named as the hub names it. `sleep_timeout` is
    the number of minutes without a call until the copy sleeps, for hardware that costs. `options` are the client's.
    Raises `SpaceNotFound`, `AuthenticationError`, and what connecting raises.
    """
    from spaceport.client.options import Duplication

    return Duplication(
        from_id=from_id,
        to_id=to_id,
        private=private,
        hardware=hardware,
        secrets=dict(secrets or {}),
        sleep_timeout=sleep_timeout,
        options={**options, "token": token, "max_workers": max_workers, "verbose": verbose, "hub": hub},
    )


def predict(
    self: Any,
    /,
    *args: Any,
    api_name: str | None = None,
    fn_index: int | None = None,
    headers: Mapping[str, str] | None = None,
    **kwargs: Any,
) -> None:
    """Call an endpoint and wait for the result. Raises what `submit` and the job's `result` raise."""


def submit(
    self: Any,
    /,
    *args: Any,
    api_name: str | None = None,
    fn_index: int | None = None,
    headers: Mapping[str, str] | None = None,
    **kwargs: Any,
) -> None:
    """Start a call and return its job.

    Raises `EndpointNotFound` and `TypeError` (wrong arguments) before anything is sent. `timeout=` (seconds, for the
    whole call) belongs to the client unless the endpoint has a parameter of that name.
    """


def job(self: Any, job_id: str) -> None:
    """Pick up a job by its id. The job may have been made by another process. Raises `JobLost`."""


def view_api(
    self: Any, all_endpoints: bool | None = None, print_info: bool = True, return_format: str | None = None
) -> None:
    """Print the endpoints of the app, unless `print_info` is False.

    Returns what `/info` says with `return_format="dict"`, the text with `return_format="str"`, else None.
    """


def reset_session(self: Any) -> None:
    """Begin a new session: state that the server keeps for a session starts anew."""


def close(self: Any) -> None:
    """Cancel the calls that run and close the connections. The client cannot be used again."""
