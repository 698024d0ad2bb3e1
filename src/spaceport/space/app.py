"""`SpaceApp`: a Space as an ASGI app, with its engine, journal, files and webhooks; started, drained and stopped."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from spaceport import settings as settings_module
from spaceport.api import AppContext, Auth, Catalog
from spaceport.api.origins import rules_for
from spaceport.api.theme import Theme
from spaceport.engine import Engine, Job, Journal
from spaceport.errors import Conflict
from spaceport.observe import Metrics, Tracing, tracing
from spaceport.service import Service, options_of
from spaceport.settings import Settings, journal_folder
from spaceport.space.call import Call
from spaceport.space.endpoint import SpaceEndpoint
from spaceport.space.example_results import ExampleResults, cache_examples
from spaceport.space.executor import FunctionExecutor
from spaceport.space.fetch import Fetcher
from spaceport.space.files import SpaceFiles
from spaceport.space.playlists import Playlists
from spaceport.space.state import States
from spaceport.space.threads import Threads
from spaceport.store import Durability, FileStore, MemoryJournal, ResumableUploads, SqliteJournal, secret_file
from spaceport.wire.documents import ComponentEntry
from spaceport.wire.json import encode

logger = logging.getLogger("spaceport.space")

AuthGiven = tuple[str, str] | Sequence[tuple[str, str]] | Callable[[str, str], bool]
_JOURNALS = 64
_SWEEP_S = 60.0


WEBHOOK_KEY = "webhook.key"
OPERATOR_TOKEN = "operator.token"  # noqa: S105  a file's name
SERVER_FILE = "server.json"
"""A file that holds the address of the running server of a data folder."""


class ServedSpace(Protocol):
    """What a server needs to know of a Space; `Space` is one."""

    title: str
    description: str | None
    mode: str
    look: Theme
    max_size: int | None
    endpoints: list[SpaceEndpoint]

    @property
    def components(self) -> list[ComponentEntry]: ...

    @property
    def stateful(self) -> bool: ...


class SpaceApp:
    """An ASGI app that starts its engine with the first request or lifespan event, whichever comes first."""

    def __init__(
        self,
        space: ServedSpace,
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
        root = self.settings.root_path
        self.own_names = [*settings_module.names(self.settings.allowed_hosts), *([root] if "://" in root else [])]
        self.origins = rules_for("", self.own_names, any_host=True)
        """Which hosts and origins it answers. A launcher that knows the address sets stricter rules before `start`."""
        self.space = space
        self.engine: Engine | None = None
        self.url: str | None = None
        """The address it is served at, where its launcher knows it."""
        self._folder: Path | None = None
        self._script = script or running_script()
        self._auth = Auth(_accounts(auth), auth_message)
        self._lock: asyncio.Lock | None = None
        self._app: Any = None
        self._service: Service | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._caching: asyncio.Task[None] | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
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
            files = SpaceFiles(store, Fetcher(store, private=settings.fetch_private).fetch, *self._paths)
            files.shared_folder = settings.uploads_dir
            for endpoint in self.space.endpoints:
                endpoint.files = files
            traces = Tracing(lambda job: _headers(executor, job))
            executor = FunctionExecutor(endpoints, states, self._threads, traces.during)
            options = replace(
                options_of(settings),
                title=self.space.title,
                description=self.space.description,
                mode=self.space.mode,
                theme=self.space.look,
                origins=self.origins,
                connect_heartbeat=self.space.stateful,
            )
            metrics = Metrics()
            self._service = service = Service(
                settings,
                label="",
                folder=folder.parent,
                webhook_key=lambda: secret_file(folder.parent / WEBHOOK_KEY, lambda: secrets.token_bytes(32)),
                executor=executor,
                journal=journal,
                policies=[endpoint.policy for endpoint in self.space.endpoints],
                tracing=traces,
                metrics=metrics,
                auth=self._auth,
                options=options,
                catalog=Catalog(self.space.endpoints, self.space.components),
                files=files,
                store=store,
                on_session_closed=states.close,
                app_id=secrets.randbits(63),
            )
            service.context.metrics = metrics.page
            await service.start()
            self.engine = service.engine
            results = ExampleResults(folder.parent / "examples.bin", self._script)
            self._caching = asyncio.create_task(cache_examples(self.space.endpoints, service.engine, results))
            self._folder = folder.parent
            if self.url is not None:
                (self._folder / SERVER_FILE).write_bytes(encode({"url": self.url}))
            self._auth.operator_token = settings.operator_token or _operator_token(folder.parent)
            self._sweeping = asyncio.create_task(_sweep(store, service.uploads, files.playlists))
            self._app = service.app

    def _open_journal(self) -> tuple[Journal, Path]:
        """Open the journal of this script; returns it and the folder of its files.

        Several servers of one script have a journal and a folder each. With durability "memory" the folder is a
        temporary one, removed when the server stops.
        """
        if self.settings.durability == "memory":
            self._temporary = tempfile.TemporaryDirectory(prefix="spaceport-")
            return MemoryJournal(), Path(self._temporary.name) / "files"
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
        """Refuse new calls and let running ones end."""
        if self._service is not None:
            await self._service.drain(self.settings.drain_s)

    async def stop(self) -> None:
        """Drain, end all streams and close the journal."""
        engine, self.engine = self.engine, None
        for task in (self._sweeping, self._caching):
            if task is not None:
                task.cancel()
        if engine is None or self._service is None:
            return
        await self._service.stop(self.settings.drain_s)
        if self.url is not None and self._folder is not None:
            (self._folder / SERVER_FILE).unlink(missing_ok=True)
        await asyncio.to_thread(tracing.flush)
        self._threads.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def context(self) -> AppContext | None:
        """The context of its HTTP API; None before it has started."""
        return None if self._service is None else self._service.context

    def end_streams(self) -> None:
        """End open streams with a message that the server stops."""
        if self._service is not None:
            self._service.end_streams()


def _operator_token(folder: Path) -> str:
    """The operator's token of the server with this data folder, created if there is none."""
    return secret_file(folder / OPERATOR_TOKEN, lambda: secrets.token_urlsafe(32).encode()).decode()


def _headers(executor: FunctionExecutor, job: Job) -> Iterable[tuple[bytes, bytes]]:
    call = None if job.call is None else executor.call_of(job)
    return call.caller.request.headers if isinstance(call, Call) else ()


async def _sweep(store: FileStore, uploads: ResumableUploads, playlists: Playlists) -> None:
    """Remove expired files periodically."""
    while True:
        await asyncio.sleep(min(_SWEEP_S, store.limits.ttl_s / 2))
        await asyncio.to_thread(store.sweep)
        await asyncio.to_thread(uploads.sweep)
        await asyncio.to_thread(playlists.sweep)


def _accounts(given: AuthGiven | None) -> Sequence[tuple[str, str]] | Callable[[str, str], bool] | None:
    if given is None or callable(given):
        return given
    pairs: Sequence[Any] = given
    if len(pairs) == 2 and all(isinstance(part, str) for part in pairs):
        return [(str(pairs[0]), str(pairs[1]))]
    return [(str(pair[0]), str(pair[1])) for pair in pairs]


def running_script() -> str | None:
    """The script this process runs, or None in a shell or notebook."""
    main = sys.modules.get("__main__")
    return getattr(main, "__file__", None)
