"""Serves a Space with uvicorn: binds a port, runs the server in this thread or its own, drains it before it stops."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import threading
import time
from typing import Any

import uvicorn

from spaceport.api.origins import rules_for
from spaceport.api.protocol import http_protocol
from spaceport.space.app import ServedSpace, SpaceApp
from spaceport.space.errors import CannotListen

_FIRST_PORT = 7860
_PORTS = 100


class _Server(uvicorn.Server):
    """uvicorn that drains before it closes: SIGTERM first refuses new calls, then closes the sockets."""

    def __init__(self, config: uvicorn.Config, app: SpaceApp) -> None:
        super().__init__(config)
        self._space_app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if not self.force_exit:
            await self._space_app.drain()
        self._space_app.end_streams()
        await super().shutdown(sockets)


class Handle:
    """A launched Space. `url` has no trailing slash."""

    def __init__(self, server: _Server, url: str, thread: threading.Thread | None) -> None:
        self._server = server
        self._thread = thread
        self.url = url

    def close(self) -> None:
        """Let running calls end and stop the server; returns when it has stopped."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()


def launch(
    space: ServedSpace,
    *,
    server_name: str | None = None,
    server_port: int | None = None,
    prevent_thread_lock: bool = False,
    quiet: bool = False,
    sockets: list[socket.socket] | None = None,
    share: bool = False,
    inbrowser: bool = False,
    **options: Any,
) -> Handle:
    """Serve a Space until it is stopped; with `prevent_thread_lock` in a thread, returning at once.

    `auth`: a (name, password) pair, a list of pairs, or a function of name and password. `root_path`: the path or URL
    under which a proxy serves the Space. `max_queue`: limit of queued calls. `durability`: which crashes an accepted
    call survives. `data_dir`: folder of the journal and files.
    Raises `CannotListen` (an `OSError`) if the port is taken, `ValueError` for an option that is not supported.
    """
    if share or inbrowser:
        raise ValueError("share and inbrowser are not supported: a Space is shared by running it on a hub.")
    app = SpaceApp(space, **options)
    settings = app.settings
    host = server_name or settings.server_name
    bound = sockets or [bind(host, server_port if server_port is not None else settings.server_port)]
    port = bound[0].getsockname()[1]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    app.url = url = f"http://{shown}:{port}"
    app.origins = rules_for(host, app.own_names, any_host=settings.trust_forwarded or settings.link)
    config = uvicorn.Config(
        app,
        log_config=None if logging.getLogger().handlers else uvicorn.config.LOGGING_CONFIG,
        log_level="warning",
        access_log=False,
        loop="uvloop",
        http=http_protocol(settings.head_timeout_s, app.context if settings.link else None),
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=5,
        server_header=False,
        forwarded_allow_ips="",
        proxy_headers=False,
    )
    server = _Server(config, app)
    if not quiet:
        print(f"* Running on {url}  (API: {url}/gradio_api/info)", flush=True)  # noqa: T201  Gradio's greeting
    if prevent_thread_lock or in_event_loop():
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.run, kwargs={"sockets": bound}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        if not server.started:
            raise OSError("The server did not start; its log says why.")
        return Handle(server, url, thread)
    server.run(sockets=bound)
    return Handle(server, url, None)


def bind(host: str, port: int | None, first: int = _FIRST_PORT) -> socket.socket:
    """A listening socket: on `port` if given, else on the first free port from `first` (7860, as Gradio does).

    Raises `CannotListen`.
    """
    if port is not None:
        found = _listen(host, port)
        if found is None:
            raise CannotListen(f"Port {port} of {host} is taken by another process: choose another port.")
        return found
    for candidate in range(first, first + _PORTS):
        found = _listen(host, candidate)
        if found is not None:
            return found
    raise CannotListen(f"All ports of {host} from {first} to {first + _PORTS - 1} are taken: choose another port.")


def _listen(host: str, port: int) -> socket.socket | None:
    """None: the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only on sockets whose protocol is given
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(2048)
    except (OSError, OverflowError) as error:
        bound.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            return None
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(f"Cannot listen on port {port} of {host}: {reason}") from None
    return bound


def in_event_loop() -> bool:
    """Whether the caller already runs in an event loop (a notebook does)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
