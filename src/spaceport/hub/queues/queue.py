"""The engine lane of one Space: its calls are durable jobs of the hub, served by the same surface as a Space's own.

What a request belongs to stands in HUB.md, Lanes. For a real Gradio app the lane of a session is fixed at its first
join: a page's clicks stay Gradio's own, everybody else's calls are the hub's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

import msgspec

from spaceport.api import AppContext, Auth, Catalog, Options, build_app
from spaceport.api.exchange import HttpExchange
from spaceport.api.jobs import view
from spaceport.api.operations import gauges
from spaceport.api.routes import FILE_PREFIX, Handled, handled_by
from spaceport.api.sessions import Sessions
from spaceport.client.transport.http1 import Http1
from spaceport.engine import Engine, Job
from spaceport.errors import NotFound
from spaceport.hub.identity.accounts import Identity
from spaceport.hub.identity.payer import PayerTokens
from spaceport.hub.queues.description import Documents, Kind
from spaceport.hub.queues.endpoint import RemoteCall, RemoteEndpoint, endpoints_of
from spaceport.hub.queues.executor import RemoteExecutor
from spaceport.hub.queues.files import QueueFiles
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.observe import CallLog, CallMetrics, JobObservers, Metrics, Tracing
from spaceport.settings import Settings
from spaceport.store import Durability, ResumableUploads, SqliteJournal
from spaceport.store.hub.sqlite import SpaceRow
from spaceport.webhooks import Webhooks
from spaceport.wire.documents import API_PREFIX, Superset
from spaceport.wire.json import encode

logger = logging.getLogger("spaceport.hub")

_HEARTBEAT = f"{API_PREFIX}/heartbeat/"
_SESSIONS = 100_000


def fields_of(body: bytes) -> dict[str, Any]:
    """The fields of a body, as far as they say whose it is; nonsense is for others to refuse."""
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _headers(job: Job) -> Iterable[tuple[str, str]]:
    return job.call.headers if isinstance(job.call, RemoteCall) else ()


class HubAuth(Auth):
    """Who calls is what the hub's door has found out: `scope["identity"]`."""

    def __init__(self) -> None:
        super().__init__(None)

    @property
    def names(self) -> bool:
        return True

    def user(self, x: HttpExchange) -> str | None:
        identity: Identity = x.scope["identity"]
        return None if identity.owner is None else identity.owner.name

    def operates(self, x: HttpExchange) -> bool:
        identity: Identity = x.scope["identity"]
        return identity.owner is not None and identity.owner.admin

    def priority(self, x: HttpExchange) -> int:
        identity: Identity = x.scope["identity"]
        return identity.tier.priority


@dataclass(frozen=True, slots=True)
class Hosting:
    """What all lanes share. `visitors` mints what says who pays for a call (`x-ip-token`)."""

    settings: Settings
    fleet: Fleet
    http: Http1
    visitors: PayerTokens
    metrics: Metrics
    webhook_key: Callable[[], bytes]


class SpaceQueue:
    """Make it inside the loop that will use it, then `start`. `retries` is what the author allows a call."""

    def __init__(
        self, space: SpaceRow, layout: SpacePaths, hosting: Hosting, documents: Documents, retries: int
    ) -> None:
        self.space = space
        self.used_at = time.monotonic()
        self._settings = settings = hosting.settings
        self._fleet = hosting.fleet
        self._files = QueueFiles(layout, settings.file_limits())
        self._proxied: OrderedDict[str, None] = OrderedDict()
        """Sessions of pages."""
        bounds = settings.bounds()
        journal = SqliteJournal(layout.journal, Durability(settings.durability))
        self._executor = RemoteExecutor(
            space, hosting.fleet, hosting.http, hosting.visitors, self._files, journal, bounds.outcome_ttl_s
        )
        tracing = Tracing(_headers, space.full_name)
        self._executor.parent = tracing.parent
        self._hooks = Webhooks(
            layout.folder,
            hosting.webhook_key,
            lambda job: view(self.engine, job, show_error=True),
            settings.webhook_limits(),
        )
        observer = JobObservers(
            CallMetrics(hosting.metrics, space.full_name), tracing, CallLog(space.full_name), self._hooks
        )
        self.engine = Engine([], self._executor, journal, bounds, time.time, observer)
        sessions = Sessions(self.engine, settings.disconnect_grace_s, self._executor.gone)
        options = Options(
            show_error=True,  # what an app tells is what it lets be told
            max_body=settings.max_body,
            body_timeout_s=settings.body_timeout_s,
            wait_max_s=settings.wait_max_s,
            heartbeat_s=settings.heartbeat_s,
            disconnect_grace_s=settings.disconnect_grace_s,
            streams_per_caller=settings.streams_max_per_caller,
        )
        self._partials = ResumableUploads(self._files.store)
        nothing = Catalog([], [])
        self.surface = AppContext(nothing, self.engine, HubAuth(), options, sessions, 0, self._files, self._partials)
        self.surface.refused = hosting.metrics.refusals(space.full_name)
        self._metrics = hosting.metrics
        self.surface.webhooks = self._hooks
        found = gauges(self.surface, lambda: self._files.store.bytes, journal)
        self._metrics.space(space.full_name, self.engine, [*found, *self._hooks.gauges()])
        self._app = build_app(self.surface)
        self.learn(documents, retries)

    async def start(self) -> None:
        """Take over what was accepted before: waiting jobs wait again."""
        await self.engine.start()
        await self._hooks.start(self.engine)

    def learn(self, documents: Documents, retries: int) -> None:
        """What the app says of itself has changed: another revision, or another start."""
        self.documents = documents
        config = documents.config
        try:
            ask = self._executor.ask if documents.kind is Kind.OURS else None
            endpoints = endpoints_of(documents, self._files, retries, ask)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            logger.warning("%s: its calls are passed on, its description is odd: %s", self.space.full_name, error)
            self.documents, endpoints = msgspec.structs.replace(documents, kind=Kind.PROXIED), []
        self._executor.endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self.spread()
        surface = self.surface
        surface.catalog = Catalog(endpoints, [])
        limits = self._settings.file_limits()
        if documents.max_file_size is not None:
            limits = replace(limits, file=documents.max_file_size)
        self._files.store.limits = limits
        title = str(config.get("title") or self.space.name)
        surface.options = replace(surface.options, title=title, max_file_size=limits.file)
        surface.config = None
        surface.info.clear()
        surface.openapi = None
        shown = {key: value for key, value in config.items() if key not in ("root", "username", "spaceport")}
        surface.config = encode({**shown, "spaceport": Superset()})

    def spread(self) -> None:
        """Its replicas have changed: as many calls go out as they take."""
        replicas = max(1, len(self._fleet.up(self.space)))
        for endpoint in self._executor.endpoints.values():
            self.engine.add(replace(endpoint.policy, limit=endpoint.batch * replicas))

    def moved(self) -> None:
        """Others than before serve the Space."""
        self.spread()
        self._executor.moved()
        self.engine.redispatch()

    @property
    def durable(self) -> bool:
        """Whether its calls are the hub's jobs."""
        return self.documents.kind is not Kind.PROXIED

    def takes(self, method: str, path: str, query: str) -> bool:
        """Whether a request may be the hub's to answer; `decide` says for sure."""
        if not self.durable:
            return False
        handled = handled_by(path)
        if handled is Handled.DOCUMENT:
            return method == "GET" and "page=" not in query and "deep_link=" not in query
        if handled is Handled.DIRECT:
            return self.documents.kind is Kind.OURS
        return handled is not Handled.APP

    async def decide(self, scope: Mapping[str, Any], path: str, query: str, body: bytes) -> bool:
        """Whether a request that `takes` let through is the engine's; else it is passed on. `body`: of queue routes."""
        handled = handled_by(path)
        if handled is Handled.FILE:
            return await asyncio.to_thread(self._has, path.removeprefix(FILE_PREFIX), scope["identity"])
        if self.documents.kind is Kind.OURS or handled is not Handled.QUEUE or path.startswith(_HEARTBEAT):
            return True
        name = path.removeprefix(f"{API_PREFIX}/").strip("/")
        if name == "queue/status":
            return False
        if name == "queue/data":
            return (parse_qs(query).get("session_hash") or [""])[0] not in self._proxied
        fields = fields_of(body)
        session = fields.get("session_hash")
        if name == "queue/join":
            return self._joins(scope, session, fields.get("fn_index"))
        return session not in self._proxied or await self.engine.find(str(fields.get("event_id"))) is not None

    def _joins(self, scope: Mapping[str, Any], session: Any, index: Any) -> bool:
        """The lane of a session, fixed by its first join."""
        if not isinstance(session, str):
            return True
        if session in self._proxied:
            self._proxied.move_to_end(session)
            return False
        if self.surface.sessions.get(session) is not None and not self._streams(index):
            return True
        headers = dict(scope["headers"])
        given = headers.get(b"x-gradio-user")
        origin = headers.get(b"origin", b"").decode("latin-1")
        own = f"{scope['scheme']}://{headers.get(b'host', b'').decode('latin-1')}"
        if given == b"app" or (given is None and origin == own) or self._streams(index):
            self._proxied[session] = None
            while len(self._proxied) > _SESSIONS:
                self._proxied.popitem(last=False)
            return False
        return True

    def _streams(self, index: Any) -> bool:
        """Whether an endpoint takes its input piece by piece, which only its app can follow."""
        try:
            endpoint = self.surface.catalog.indexed(index)
        except (NotFound, TypeError):
            return False
        return isinstance(endpoint, RemoteEndpoint) and endpoint.streams

    def _has(self, path: str, identity: Identity) -> bool:
        try:
            self._files.readable(path, "" if identity.owner is None else identity.owner.name)
        except (NotFound, OSError, ValueError):
            return path.startswith(f"{self._files.store.folder}/")  # an upload: the hub says no
        return True

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as the surface does. A session with a heartbeat has one at its replica too."""
        self.used_at = time.monotonic()
        path = scope["path"]

        async def told(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                self._executor.alive(path.removeprefix(_HEARTBEAT).strip("/"), scope["replica"])
            await send(message)

        await self._app(scope, receive, told if path.startswith(_HEARTBEAT) else send)

    def sweep(self) -> None:
        """Blocks."""
        self._files.sweep()
        self._partials.sweep()

    @property
    def idle(self) -> bool:
        return self.engine.quiet and self._hooks.quiet and not self.surface.sessions.listeners

    async def close(self, drain_s: float) -> None:
        """What waits stays in the journal."""
        self._metrics.forget(self.space.full_name)
        await self.engine.stop(drain_s)
        self.surface.stopping.set()
        self.surface.sessions.wake()
        await self._hooks.close()
        await self.engine.close()
        self._executor.let_go()
