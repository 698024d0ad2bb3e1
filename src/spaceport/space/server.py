"""The standalone server: a Space's engine, journal and surface behind uvicorn, started, drained and stopped."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn

from spaceport import settings as settings_module
from spaceport.api import AppContext, Auth, Catalog, Options, build_app
from spaceport.api.jobs import view
from spaceport.api.operations import readings
from spaceport.api.protocol import http_protocol
from spaceport.api.sessions import Sessions
from spaceport.engine import Engine, Job, JobRequest, Journal, State
from spaceport.errors import Conflict, SpaceportError
from spaceport.observe import CallLog, CallMetrics, JobObservers, Metrics, Tracing, tracing
from spaceport.settings import Settings, journal_folder
from spaceport.space.endpoint import Call
from spaceport.space.executor import FunctionExecutor
from spaceport.space.fetch import Fetcher
from spaceport.space.files import SpaceFiles
from spaceport.space.playlists import Playlists
from spaceport.space.space import Space, in_event_loop, running_script
from spaceport.space.state import States
from spaceport.space.threads import Threads
from spaceport.store import Durability, FileStore, MemoryJournal, ResumableUploads, SqliteJournal, secret_file
from spaceport.webhooks import Webhooks
from spaceport.wire.json import encode

logger = logging.getLogger("spaceport.space")

AuthGiven = tuple[str, str] | Sequence[tuple[str, str]] | Callable[[str, str], bool]
_FIRST_PORT = 7860
_PORTS = 100
_JOURNALS = 64
_SWEEP_S = 60.0


WEBHOOK_KEY = "webhook.key"
OPERATOR_TOKEN = "operator.token"  # noqa: S105  a file's name
SERVER_FILE = "server.json"
"""Says where the server of a data folder is, while it runs."""


class SpaceApp:
    """An ASGI app that starts its engine with the first request or lifespan event, whichever comes first."""

    def __init__(
        self,
        space: Space,
        *,
        auth: AuthGiven | None = None,
        auth_message: str | None = None,
        show_error: bool | None = None,
        root_path: str | None = None,
        max_queue: int | None = None,
        durability: str | None = None,
        data_dir: str | Path | None = None,
        max_file_size: str | int | None = None,
        allowed_paths: Sequence[str | Path] = (),
        blocked_paths: Sequence[str | Path] = (),
        settings: Settings | None = None,
        script: str | None = None,
    ) -> None:
        base = settings or settings_module.load()
        changes: dict[str, Any] = {}
        limit = max_queue if max_queue is not None else space.max_size
        if limit is not None:
            changes["queue_max"] = limit
        if durability is not None:
            changes["durability"] = durability
        if data_dir is not None:
            changes["data_dir"] = Path(data_dir)
        if root_path is not None:
            changes["root_path"] = root_path
        if show_error is not None:
            changes["show_error"] = show_error
        if max_file_size is not None:
            changes["max_file_size"] = settings_module.size(max_file_size)
        self._paths = allowed_paths, blocked_paths
        self.settings = replace(base, **changes)
        self.space = space
        self.engine: Engine | None = None
        self.url: str | None = None
        """Where it is served, if whoever serves it says so."""
        self._folder: Path | None = None
        self._hooks: Webhooks | None = None
        self._script = script or running_script()
        self._auth = Auth(_accounts(auth), auth_message)
        self._lock: asyncio.Lock | None = None
        self._app: Any = None
        self._surface: AppContext | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._prepare: asyncio.Task[None] | None = None
        self._passing: tempfile.TemporaryDirectory[str] | None = None
        self._threads = Threads(self.settings.max_threads)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if self._app is None:
            await self.start()
        await self._app(scope, receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.start()
                except Exception as error:
                    logger.exception("the Space could not start")
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def start(self) -> None:
        """Open the journal, take over what an earlier process left, and be ready for requests."""
        if self._lock is None:
            self._lock = asyncio.Lock()
        async with self._lock:
            if self._app is not None:
                return
            settings = self.settings
            states = States(settings.state_sessions, settings.state_ttl_s)
            endpoints = {endpoint.name: endpoint for endpoint in self.space.endpoints}
            journal, folder = self._open_journal()
            store = FileStore(folder, settings.file_limits())
            partials = ResumableUploads(store)
            files = SpaceFiles(store, Fetcher(store, private=settings.fetch_private).fetch, *self._paths)
            files.given = settings.uploads_dir
            for endpoint in self.space.endpoints:
                endpoint.files = files
            traces = Tracing(lambda job: _headers(executor, job))
            executor = FunctionExecutor(endpoints, states, self._threads, traces.during)
            policies = [endpoint.policy for endpoint in self.space.endpoints]
            metrics = Metrics()
            hooks = Webhooks(
                folder.parent,
                lambda: secret_file(folder.parent / WEBHOOK_KEY, lambda: secrets.token_bytes(32)),
                lambda job: view(engine, job, show_error=settings.show_error),
                settings.webhook_limits(),
            )
            self._hooks = hooks
            meter = JobObservers(CallMetrics(metrics), traces, CallLog(), hooks)
            engine = Engine(policies, executor, journal, settings.bounds(), time.time, meter)
            await engine.start()
            await hooks.start(engine)
            self.engine = engine
            self._prepare = asyncio.create_task(self._cache_examples(engine))
            options = Options(
                title=self.space.title,
                description=self.space.description,
                mode=self.space.mode,
                root_path=settings.root_path,
                show_error=settings.show_error,
                max_body=settings.max_body,
                body_timeout_s=settings.body_timeout_s,
                wait_max_s=settings.wait_max_s,
                max_file_size=settings.max_file_size,
                heartbeat_s=settings.heartbeat_s,
                disconnect_grace_s=settings.disconnect_grace_s,
                trust_forwarded=settings.trust_forwarded,
                connect_heartbeat=self.space.stateful,
                streams_per_caller=settings.streams_max_per_caller,
            )
            self._folder = folder.parent
            if self.url is not None:
                (self._folder / SERVER_FILE).write_bytes(encode({"url": self.url}))
            self._auth.operator_token = settings.operator_token or _operator_token(folder.parent)
            sessions = Sessions(engine, settings.disconnect_grace_s, states.close)
            catalog = Catalog(self.space.endpoints, self.space.components)
            self._surface = AppContext(
                catalog,
                engine,
                self._auth,
                options,
                sessions,
                secrets.randbits(63),
                files,
                partials,
            )
            self._surface.metrics = metrics.page
            self._surface.webhooks = hooks
            self._surface.refused = metrics.refusals("")
            metrics.space("", engine, [*readings(self._surface, lambda: store.bytes, journal), *hooks.readings()])
            self._sweeping = asyncio.create_task(_sweep(store, partials, files.playlists))
            self._app = build_app(self._surface)

    async def _cache_examples(self, engine: Engine) -> None:
        for endpoint in self.space.endpoints:
            for call in endpoint.example_calls():
                try:
                    job = await engine.submit(JobRequest(endpoint.name, call, endpoint.payload(call)))
                except SpaceportError as error:
                    logger.warning("%s: an example could not run: %s", endpoint.name, error)
                    continue
                await engine.ended(job)
                if job.state is not State.SUCCEEDED:
                    logger.warning("%s: an example failed, so that its result is not kept", endpoint.name)

    def _open_journal(self) -> tuple[Journal, Path]:
        """The journal of this script, and the folder of its files.

        A second server of the same script at the same time gets the next ones; one that keeps nothing gets a folder
        that goes with it.
        """
        if self.settings.durability == "memory":
            self._passing = tempfile.TemporaryDirectory(prefix="spaceport-")
            return MemoryJournal(), Path(self._passing.name)
        folder = journal_folder(self.settings, self._script)
        for number in range(1, _JOURNALS + 1):
            suffix = "" if number == 1 else f"-{number}"
            try:
                journal = SqliteJournal(folder / f"journal{suffix}.db", Durability(self.settings.durability))
            except Conflict:
                if number == _JOURNALS:
                    raise
            else:
                return journal, folder / f"files{suffix}"
        raise AssertionError("unreachable")

    async def drain(self) -> None:
        """Take no new calls and let running ones end."""
        if self.engine is not None:
            await self.engine.drain(self.settings.drain_s)

    async def stop(self) -> None:
        """Drain, end the streams, close the journal."""
        engine, self.engine = self.engine, None
        for task in (self._sweeping, self._prepare):
            if task is not None:
                task.cancel()
        if engine is None or self._surface is None:
            return
        await engine.drain(self.settings.drain_s)
        self._surface.stopping.set()
        if self.url is not None and self._folder is not None:
            (self._folder / SERVER_FILE).unlink(missing_ok=True)
        if self._hooks is not None:
            await self._hooks.close()
        await engine.close()
        await asyncio.to_thread(tracing.flush)
        self._threads.close()
        if self._passing is not None:
            self._passing.cleanup()

    def surface(self) -> AppContext | None:
        """What it serves, once it has started."""
        return self._surface

    def end_streams(self) -> None:
        """Tell open streams that the server stops."""
        if self._surface is not None:
            self._surface.stopping.set()
            self._surface.sessions.wake()


def _operator_token(folder: Path) -> str:
    """Of this folder's server, made where there is none."""
    return secret_file(folder / OPERATOR_TOKEN, lambda: secrets.token_urlsafe(32).encode()).decode()


def _headers(executor: FunctionExecutor, job: Job) -> Iterable[tuple[bytes, bytes]]:
    call = None if job.call is None else executor.call_of(job)
    return call.caller.facts.headers if isinstance(call, Call) else ()


async def _sweep(store: FileStore, partials: ResumableUploads, playlists: Playlists) -> None:
    """Remove files that nobody uses any more, now and then."""
    while True:
        await asyncio.sleep(min(_SWEEP_S, store.limits.ttl_s / 2))
        await asyncio.to_thread(store.sweep)
        await asyncio.to_thread(partials.sweep)
        await asyncio.to_thread(playlists.sweep)


class _Server(uvicorn.Server):
    """uvicorn that drains before it closes: SIGTERM first stops new calls, then the sockets."""

    def __init__(self, config: uvicorn.Config, app: SpaceApp) -> None:
        super().__init__(config)
        self._space_app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if not self.force_exit:
            await self._space_app.drain()
        self._space_app.end_streams()
        await super().shutdown(sockets)


class Handle:
    """A launched Space. `url` has no slash at its end."""

    def __init__(self, server: _Server, url: str, thread: threading.Thread | None) -> None:
        self._server = server
        self._thread = thread
        self.url = url

    def close(self) -> None:
        """Drain and stop; returns when it is done."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()


def launch(
    space: Space,
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

    `auth`: a pair, pairs, or a function of name and password. `root_path`: where a proxy shows the Space.
    `max_queue`: calls that may wait. `durability`, `data_dir`: what an accepted call survives, and where it is kept.
    Raises `OSError` if the port is taken, `ValueError` for an option that is not supported.
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
    config = uvicorn.Config(
        app,
        log_config=None if logging.getLogger().handlers else uvicorn.config.LOGGING_CONFIG,
        log_level="warning",
        access_log=False,
        loop="uvloop",
        http=http_protocol(settings.head_timeout_s, app.surface if settings.link else None),
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


def _accounts(given: AuthGiven | None) -> Sequence[tuple[str, str]] | Callable[[str, str], bool] | None:
    if given is None or callable(given):
        return given
    pairs: Sequence[Any] = given
    if len(pairs) == 2 and all(isinstance(part, str) for part in pairs):
        return [(str(pairs[0]), str(pairs[1]))]
    return [(str(pair[0]), str(pair[1])) for pair in pairs]


def bind(host: str, port: int | None, first: int = _FIRST_PORT) -> socket.socket:
    """A listening socket: on the port asked for, else on the first free one from `first`, 7860 as Gradio does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    candidates = [port] if port is not None else range(first, first + _PORTS)
    for candidate in candidates:
        # asyncio sends small packets at once (TCP_NODELAY) only where the protocol is said
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, candidate))
        except OSError:
            bound.close()
            continue
        bound.listen(2048)
        return bound
    raise OSError(f"No free port: {port if port is not None else f'{first} to {first + _PORTS - 1}'}.")
