"""One Space's queue: its calls are durable jobs of the hub, served by the same API as a Space's own server."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from spaceport.api import Catalog, Options
from spaceport.api.origins import CHECKED_BEFORE
from spaceport.client.transport.http1 import Http1
from spaceport.engine import Job
from spaceport.hub.identity.payer import PayerTokens
from spaceport.hub.queues.auth import HubAuth
from spaceport.hub.queues.description import Documents, Kind
from spaceport.hub.queues.executor import RemoteExecutor
from spaceport.hub.queues.files import QueueFiles
from spaceport.hub.queues.remote_endpoint import RemoteCall, RemoteEndpoint, endpoints_of
from spaceport.hub.queues.routing import HEARTBEAT, Routing
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.observe import Metrics, Tracing
from spaceport.service import Service, options_of
from spaceport.settings import Settings
from spaceport.store import Durability, SqliteJournal
from spaceport.store.hub.ports import SpaceRow
from spaceport.wire.documents import Superset
from spaceport.wire.json import encode

logger = logging.getLogger("spaceport.hub")


@dataclass(frozen=True, slots=True)
class SharedServices:
    """What the queues of all Spaces share. `payers` mints the tokens that say who pays for a call (`x-ip-token`)."""

    settings: Settings
    fleet: Fleet
    http: Http1
    payers: PayerTokens
    metrics: Metrics
    webhook_key: Callable[[], bytes]
    hub_url: str = ""
    """The hub's address, for code that calls a Space by its name; empty where the callers' address is not known."""


class SpaceQueue:
    """Construct it inside the loop that will use it, then `start` it."""

    documents: Documents
    """What the app says of itself, since `start`."""

    def __init__(self, space: SpaceRow, paths: SpacePaths, shared: SharedServices) -> None:
        self.space = space
        self.used_at = time.monotonic()
        self._settings = settings = shared.settings
        self._fleet = shared.fleet
        self._files = QueueFiles(paths, settings.file_limits())
        journal = SqliteJournal(paths.journal, Durability(settings.durability))
        self._executor = RemoteExecutor(
            space, shared.fleet, shared.http, shared.payers, self._files, journal, settings.outcome_ttl_s
        )
        tracing = Tracing(_headers, space.full_name)
        self._executor.parent = tracing.parent
        self._service = Service(
            settings,
            label=space.full_name,
            folder=paths.folder,
            webhook_key=shared.webhook_key,
            executor=self._executor,
            journal=journal,
            policies=(),
            tracing=tracing,
            metrics=shared.metrics,
            auth=HubAuth(),
            options=replace(_options(settings), hub_space=space.full_name, hub_url=shared.hub_url),
            catalog=Catalog([], []),
            files=self._files,
            store=self._files.store,
            on_session_closed=self._executor.end_session,
        )
        self.engine, self.context = self._service.engine, self._service.context
        self.routing = Routing(self.context, self._files)
        self._describing = asyncio.Lock()
        """Held while a description is read, so that the newest one stays."""
        self._described: tuple[str, str] | None = None
        """The commit and the epoch of `documents`."""

    async def start(self, documents: Documents, retries: int) -> None:
        """Resume the jobs that were accepted before: waiting ones wait again. For both arguments see
        `update_description`."""
        await self.update_description(documents, retries)
        await self._service.start()

    async def update_description(self, documents: Documents, retries: int) -> None:
        """The app describes itself anew: it has another revision, or was started again. `retries`: as the author allows
        for each call."""
        async with self._describing:
            if self._described != (documents.commit, documents.epoch):
                self._apply(*await asyncio.to_thread(self._read, documents, retries))

    def _read(self, documents: Documents, retries: int) -> tuple[Documents, list[RemoteEndpoint], bytes]:
        """The endpoints of an app, and its `/config` for callers. It takes long for a large description. Blocks."""
        try:
            endpoints = self._endpoints(documents, retries)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            reason = f"its description is malformed: {error}"
            logger.warning("%s: its calls are forwarded, because %s", self.space.full_name, reason)
            documents, endpoints = msgspec.structs.replace(documents, kind=Kind.PROXIED, reason=reason), []
        public = {k: v for k, v in documents.config.items() if k not in ("root", "username", "spaceport")}
        return documents, endpoints, encode({**public, "spaceport": Superset()})

    def _apply(self, documents: Documents, endpoints: list[RemoteEndpoint], config: bytes) -> None:
        self.documents = documents
        self._described = documents.commit, documents.epoch
        self.routing.kind = documents.kind
        self._executor.endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._update_limits()
        context = self.context
        context.catalog = Catalog(endpoints, [])
        limits = self._settings.file_limits()
        if documents.max_file_size is not None:
            limits = replace(limits, file=min(documents.max_file_size, limits.file or documents.max_file_size))
        self._files.store.limits = limits
        title = str(documents.config.get("title") or self.space.name)
        context.options = replace(context.options, title=title, max_file_size=limits.file)
        context.info.clear()
        context.openapi = None
        context.config = config

    def _endpoints(self, documents: Documents, retries: int) -> list[RemoteEndpoint]:
        check = self._executor.check if documents.kind is Kind.OURS else None
        return endpoints_of(documents, self._files, retries, check)

    def _update_limits(self) -> None:
        """Each replica may hold an endpoint's batch of unstarted calls."""
        replicas = max(1, len(self._fleet.of(self.space).replicas))
        for endpoint in self._executor.endpoints.values():
            self.engine.add(replace(endpoint.policy, limit=endpoint.batch * replicas))

    def on_replicas_changed(self) -> None:
        self._update_limits()
        self._executor.on_replicas_changed()
        self.engine.redispatch()

    @property
    def durable(self) -> bool:
        """Whether the Space's calls are jobs of the hub."""
        return self.documents.kind is not Kind.PROXIED

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request that `routing` took. A session with a heartbeat has one at its replica too."""
        self.used_at = time.monotonic()
        path = scope["path"]
        if not path.startswith(HEARTBEAT):
            await self._service.app(scope, receive, send)
            return

        async def send_heartbeat(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                self._executor.keep_session_open(path.removeprefix(HEARTBEAT).strip("/"), scope["replica"])
            await send(message)

        await self._service.app(scope, receive, send_heartbeat)

    def sweep(self) -> None:
        """Remove expired files. Blocks."""
        self._files.sweep()
        self._service.uploads.sweep()

    @property
    def idle(self) -> bool:
        return self._service.idle

    async def drain(self, drain_s: float) -> None:
        """Take no new jobs, let running ones finish for `drain_s` seconds, and end the streams of the others."""
        await self._service.drain(drain_s)
        self._service.end_streams()

    async def close(self, drain_s: float) -> None:
        """Let running jobs finish for `drain_s` seconds. Those that wait stay in the journal."""
        await self._service.stop(drain_s)
        self._executor.close()


def _options(settings: Settings) -> Options:
    """The gateway knows the public address, and checks origins; the app has decided what its errors say."""
    return replace(
        options_of(settings),
        show_error=True,
        root_path="",
        trust_forwarded=False,
        behind_hub=False,
        origins=CHECKED_BEFORE,
    )


def _headers(job: Job) -> Iterable[tuple[str, str]]:
    return job.call.headers if isinstance(job.call, RemoteCall) else ()
