"""The routes of a Space: one table, which the Space's own server and a hub's gateway both read.

`Route.handled` says who answers a request when the Space runs on a hub, and whose copy of the answer counts:

JOBS      the hub: calls and what is asked about them, uploads, webhooks
QUEUE     the hub or the app: a session of Gradio's queue belongs to one of them, as its first join decides
DIRECT    the hub for a Space of ours; a Gradio app answers itself
DOCUMENT  the hub, from what the app said of itself when it last started
FILE      whoever has the file
APP       the app: pages, logins, and all that is not in the table
"""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import NamedTuple

from spaceport.api import (
    calls,
    figures,
    jobs,
    many_calls,
    meta,
    operations,
    pages,
    playlists,
    scripts,
    snippets,
    tus,
    webhooks,
)
from spaceport.api.exchange import HttpExchange
from spaceport.api.files.dedupe import upload_known
from spaceport.api.files.download import download
from spaceport.api.files.progress import upload_progress
from spaceport.api.files.upload import upload
from spaceport.wire.documents import API_PREFIX, FILE_PREFIX

Handler = Callable[[HttpExchange], Awaitable[None]]

_P = API_PREFIX
_FILES = (FILE_PREFIX, f"{_P}/file/")
"""The beginnings of the paths that Gradio serves files at."""


class Handled(Enum):
    """Who handles a route: see the module's docstring."""

    JOBS = "jobs"
    QUEUE = "queue"
    DIRECT = "direct"
    DOCUMENT = "document"
    FILE = "file"
    APP = "app"


JOBS, QUEUE, DIRECT, DOCUMENT, FILE, APP = Handled


class Route(NamedTuple):
    """`{x}` in `path` matches one path segment."""

    method: str
    path: str
    handler: Handler
    handled: Handled
    login: bool = True
    """Whether a Space with accounts asks for a login first (gradio-wire §3)."""
    submits: bool = False
    """Whether a request submits a call."""
    session_in_body: bool = False
    """Whether a request names its session in its body, and not in its address."""


ROUTES = (
    Route("POST", f"{_P}/call/{{name}}", calls.call, JOBS, submits=True),
    Route("GET", f"{_P}/call/{{name}}/{{event_id}}", calls.call_events, JOBS),
    Route("POST", f"{_P}/calls", many_calls.submit_all, JOBS, submits=True),
    Route("POST", f"{_P}/check/{{name}}", calls.check, JOBS),
    Route("POST", f"{_P}/queue/join", calls.join, QUEUE, submits=True, session_in_body=True),
    Route("GET", f"{_P}/queue/data", calls.session_events, QUEUE),
    Route("POST", f"{_P}/call/v2/{{name}}", calls.call_named, JOBS, submits=True),
    Route("GET", f"{_P}/call/v2/{{name}}/{{event_id}}", calls.call_events, JOBS),
    Route("POST", f"{_P}/run/{{name}}", calls.run, DIRECT, submits=True),
    Route("POST", f"{_P}/api/{{name}}", calls.run, DIRECT, submits=True),
    Route("GET", f"{_P}/heartbeat/{{session_hash}}", calls.heartbeat, QUEUE, login=False),
    Route("POST", f"{_P}/cancel", calls.cancel, QUEUE, login=False, session_in_body=True),
    Route("POST", f"{_P}/reset", calls.reset, QUEUE, login=False, session_in_body=True),
    Route("GET", f"{_P}/queue/status", calls.queue_status, QUEUE),
    Route("GET", f"{_P}/jobs", jobs.listing, JOBS),
    Route("GET", f"{_P}/jobs/{{job_id}}", jobs.show, JOBS),
    Route("DELETE", f"{_P}/jobs/{{job_id}}", jobs.cancel, JOBS),
    Route("POST", f"{_P}/jobs/{{job_id}}/retry", jobs.retry, JOBS),
    Route("GET", f"{_P}/usage", operations.usage, JOBS),
    Route("GET", f"{_P}/webhooks", webhooks.listing, JOBS),
    Route("GET", f"{_P}/webhooks/secret", webhooks.secret, JOBS),
    Route("POST", f"{_P}/webhooks/{{delivery_id}}/redeliver", webhooks.redeliver, JOBS),
    Route("POST", f"{_P}/upload", upload, JOBS),
    Route("POST", f"{_P}/upload/known", upload_known, JOBS),
    Route("GET", f"{_P}/upload_progress", upload_progress, JOBS),
    Route("OPTIONS", f"{_P}/tus", tus.options, JOBS, login=False),
    Route("POST", f"{_P}/tus", tus.create, JOBS),
    Route("HEAD", f"{_P}/tus/{{upload}}", tus.head, JOBS),
    Route("PATCH", f"{_P}/tus/{{upload}}", tus.patch, JOBS),
    Route("DELETE", f"{_P}/tus/{{upload}}", tus.delete, JOBS),
    Route("GET", f"{_P}/stream/{{session}}/{{run}}/{{component}}/{{name}}", playlists.play, APP),
    Route("GET", "/config", meta.config, DOCUMENT),
    Route("GET", f"{_P}/info", meta.info, DOCUMENT),
    Route("GET", f"{_P}/openapi.json", meta.openapi, DOCUMENT),
    Route("GET", "/openapi.json", meta.openapi, DOCUMENT),
    Route("GET", f"{_P}/app_id", meta.app_id, APP, login=False),
    Route("GET", f"{_P}/startup-events", meta.startup_events, APP, login=False),
    Route("GET", f"{_P}/user", meta.user, APP, login=False),
    Route("GET", f"{_P}/login_check", meta.login_check, APP),
    Route("GET", f"{_P}/token", meta.token, APP, login=False),
    Route("POST", "/login", meta.login, APP, login=False),
    Route("GET", "/logout", meta.logout, APP, login=False),
    Route("GET", "/healthz", operations.healthz, APP, login=False),
    Route("GET", "/readyz", operations.readyz, APP, login=False),
    Route("GET", "/metrics", operations.metrics, APP, login=False),
    Route("GET", scripts.PATH, scripts.client_js, DOCUMENT, login=False),
    Route("GET", "/robots.txt", meta.robots, APP, login=False),
    Route("GET", "/manifest.json", meta.manifest, APP, login=False),
    Route("GET", pages.EMBED, pages.embed, APP, login=False),
    Route("GET", f"{pages.WEB}/{{name}}", pages.asset, APP, login=False),
    Route("GET", f"{figures.BOKEH}/frame", figures.frame, APP, login=False),
    Route("GET", f"{figures.BOKEH}/{{name}}", figures.script, APP, login=False),
    Route("POST", f"{_P}/snippets", snippets.snippets, JOBS),
    Route("GET", "/agents.md", snippets.agents_md, DOCUMENT),
    Route("GET", "/llms.txt", snippets.llms_txt, DOCUMENT),
    Route("GET", "/", pages.page, APP, login=False),
    Route("HEAD", "/", pages.page, APP, login=False),
)
_SLASHED = re.compile(
    rf"({_P}/(?:info|user|login_check|token|app_id|reset|run/[^/]+|api/[^/]+|call/[^/]+|call/v2/[^/]+)|/config|/login)/"
)

_KEPT_PATH = 256
_LOOKED_UP = (0, 2)
"""Segments of a path that are right where a pattern is tried: nothing before the first slash, and the table's key."""


class _Pattern:
    """A path with `{…}` in it."""

    __slots__ = ("_fixed", "_names", "methods", "parts")

    def __init__(self, parts: list[str]) -> None:
        self.parts = parts
        self.methods: dict[str, Route] = {}
        self._fixed = [(i, part) for i, part in enumerate(parts) if i not in _LOOKED_UP and not part.startswith("{")]
        self._names = [(i, part[1:-1]) for i, part in enumerate(parts) if part.startswith("{")]

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """The values of its `{…}`, of which none is empty; None: the path is another."""
        for i, want in self._fixed:
            if parts[i] != want:
                return None
        params = {}
        for i, name in self._names:
            if not parts[i]:
                return None
            params[name] = parts[i]
        return params

    @property
    def open_parts(self) -> int:
        return len(self._names)


class _Table:
    """Routes by number of segments and first fixed ones: a request looks at one or two of them, not at thirty."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._exact: dict[str, dict[str, Route]] = {}
        self._patterns: dict[tuple[int, str], list[_Pattern]] = {}
        for route in routes:
            if "{" not in route.path:
                self._exact.setdefault(route.path, {})[route.method] = route
                continue
            parts = route.path.split("/")
            group = self._patterns.setdefault((len(parts), parts[2]), [])
            pattern = next((one for one in group if one.parts == parts), None)
            if pattern is None:
                pattern = _Pattern(parts)
                group.append(pattern)
                group.sort(key=lambda one: one.open_parts)
            pattern.methods[route.method] = route

    def find(self, path: str) -> tuple[dict[str, Route], dict[str, str]] | None:
        """The routes of a path by method, and the values of its `{…}`; None: there is no such path."""
        exact = self._exact.get(path)
        if exact is not None:
            return exact, {}
        parts = path.split("/")
        if len(parts) < 3 or parts[0]:
            return None
        for pattern in self._patterns.get((len(parts), parts[2]), ()):
            params = pattern.match(parts)
            if params is not None:
                return pattern.methods, params
        return None


_TABLE = _Table(ROUTES)


def find(path: str) -> tuple[dict[str, Route], dict[str, str]] | None:
    """The routes of a path by method, and the values of its `{…}`; None: there is no such path."""
    if path.startswith(FILE_PREFIX):  # the rest is a path of its own, slashes and all
        file = Route("GET", path, lambda request: download(request, path.removeprefix(FILE_PREFIX)), FILE)
        return {"GET": file, "HEAD": file}, {}
    found = _find(path)
    if found is None and path.endswith("/") and _SLASHED.fullmatch(path):
        found = _TABLE.find(path[:-1])
    return found


def route_of(method: str, path: str) -> Route | None:
    """The route of a request; a slash at the end of the path does not count. None: the table has none."""
    found = _find(path.rstrip("/"))
    return None if found is None else found[0].get(method)


_kept_find = functools.lru_cache(maxsize=256)(_TABLE.find)


def _find(path: str) -> tuple[dict[str, Route], dict[str, str]] | None:
    """As the table does; a request asks for the same path more than once."""
    return _kept_find(path) if len(path) < _KEPT_PATH else _TABLE.find(path)


_BY_PATH = {route.path: route.handled for route in ROUTES if "{" not in route.path}
_BY_HEAD = {route.path.split("/")[2]: route.handled for route in ROUTES if route.path.startswith(f"{_P}/")}


def handled_by(path: str) -> Handled:
    """Who handles a path below a Space's address, whatever the method.

    What the table does not have below the first segment of a JOBS route is JOBS too, so that no request about calls
    is passed on past the journal.
    """
    found = _BY_PATH.get(path)
    if found is not None:
        return found
    if path.startswith(_FILES):
        return FILE
    if path.startswith(f"{_P}/"):
        head = _BY_HEAD.get(path.split("/", 3)[2], APP)
        if head is JOBS:
            return JOBS
        matched = _find(path.rstrip("/"))
        return APP if matched is None else next(iter(matched[0].values())).handled
    return _BY_PATH.get(path.rstrip("/"), APP)
