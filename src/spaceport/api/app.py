"""The ASGI app: one table of routes, and around it login, CORS and errors."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from spaceport.api import (
    calls,
    figures,
    files,
    jobs,
    meta,
    operations,
    pages,
    playlists,
    problems,
    scripts,
    tus,
    webhooks,
)
from spaceport.api.context import AppContext
from spaceport.api.cors import cors_headers, preflight_headers
from spaceport.api.exchange import HttpExchange, Receive, Scope, Send
from spaceport.errors import ClientGone, MethodNotAllowed, NotFound, SpaceportError, Unauthenticated

Handler = Callable[[HttpExchange], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_P = "/gradio_api"
_FILE = f"{_P}/file="


class Route(NamedTuple):
    """`{x}` matches one path segment. `login`: whether a Space with accounts asks for one first (gradio.md §3)."""

    method: str
    path: str
    handler: Handler
    login: bool = True


ROUTES = (
    Route("POST", f"{_P}/call/{{name}}", calls.call),
    Route("GET", f"{_P}/call/{{name}}/{{event_id}}", calls.call_events),
    Route("POST", f"{_P}/check/{{name}}", calls.check),
    Route("POST", f"{_P}/queue/join", calls.join),
    Route("GET", f"{_P}/queue/data", calls.session_events),
    Route("POST", f"{_P}/call/v2/{{name}}", calls.call_named),
    Route("GET", f"{_P}/call/v2/{{name}}/{{event_id}}", calls.call_events),
    Route("POST", f"{_P}/run/{{name}}", calls.run),
    Route("POST", f"{_P}/api/{{name}}", calls.run),
    Route("GET", f"{_P}/heartbeat/{{session_hash}}", calls.heartbeat, login=False),
    Route("POST", f"{_P}/cancel", calls.cancel, login=False),
    Route("POST", f"{_P}/reset", calls.reset, login=False),
    Route("GET", f"{_P}/queue/status", calls.queue_status),
    Route("GET", f"{_P}/jobs", jobs.listing),
    Route("GET", f"{_P}/jobs/{{job_id}}", jobs.show),
    Route("DELETE", f"{_P}/jobs/{{job_id}}", jobs.cancel),
    Route("POST", f"{_P}/jobs/{{job_id}}/retry", jobs.retry),
    Route("GET", f"{_P}/webhooks", webhooks.listing),
    Route("GET", f"{_P}/webhooks/secret", webhooks.secret),
    Route("POST", f"{_P}/webhooks/{{delivery_id}}/redeliver", webhooks.again),
    Route("POST", f"{_P}/upload", files.upload),
    Route("POST", f"{_P}/upload/known", files.upload_known),
    Route("GET", f"{_P}/upload_progress", files.upload_progress),
    Route("OPTIONS", f"{_P}/tus", tus.options, login=False),
    Route("POST", f"{_P}/tus", tus.create),
    Route("HEAD", f"{_P}/tus/{{upload}}", tus.head),
    Route("PATCH", f"{_P}/tus/{{upload}}", tus.patch),
    Route("DELETE", f"{_P}/tus/{{upload}}", tus.delete),
    Route("GET", f"{_P}/stream/{{session}}/{{run}}/{{component}}/{{name}}", playlists.play),
    Route("GET", "/config", meta.config),
    Route("GET", f"{_P}/info", meta.info),
    Route("GET", f"{_P}/openapi.json", meta.openapi),
    Route("GET", "/openapi.json", meta.openapi),
    Route("GET", f"{_P}/app_id", meta.app_id, login=False),
    Route("GET", f"{_P}/startup-events", meta.startup_events, login=False),
    Route("GET", f"{_P}/user", meta.user, login=False),
    Route("GET", f"{_P}/login_check", meta.login_check),
    Route("GET", f"{_P}/token", meta.token, login=False),
    Route("POST", "/login", meta.login, login=False),
    Route("GET", "/logout", meta.logout, login=False),
    Route("GET", "/healthz", operations.healthz, login=False),
    Route("GET", "/readyz", operations.readyz, login=False),
    Route("GET", "/metrics", operations.metrics, login=False),
    Route("GET", scripts.PATH, scripts.client_js, login=False),
    Route("GET", "/robots.txt", meta.robots, login=False),
    Route("GET", "/manifest.json", meta.manifest, login=False),
    Route("GET", f"{pages.WEB}/{{name}}", pages.asset, login=False),
    Route("GET", f"{figures.BOKEH}/frame", figures.frame, login=False),
    Route("GET", f"{figures.BOKEH}/{{name}}", figures.script, login=False),
    Route("POST", f"{_P}/snippets", pages.snippets),
    Route("GET", "/agents.md", pages.agents_md),
    Route("GET", "/llms.txt", pages.llms_txt),
    Route("GET", "/", pages.page, login=False),
    Route("HEAD", "/", pages.page, login=False),
)
_SLASHED = re.compile(
    rf"({_P}/(?:info|user|login_check|token|app_id|reset|run/[^/]+|api/[^/]+|call/[^/]+|call/v2/[^/]+)|/config|/login)/"
)


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


def build_app(surface: AppContext) -> ASGIApp:
    """The surface as an ASGI app. Its engine must be started before the first request."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _refuse(scope, receive, send)
            return
        x = HttpExchange(surface, scope, receive, send)
        origin = x.headers.get(b"origin")
        if origin is not None:
            x.extra += cors_headers(x.header(b"host"), origin.decode("latin-1"))
        try:
            await _route(x)
        except ClientGone:
            if not x.started:
                await x.reply(408, b"", headers=[(b"connection", b"close")])
        except SpaceportError as error:
            if x.started:
                raise
            await problems.answer(x, error)
        except Exception:
            if x.started:
                raise
            await problems.answer_bug(x)

    return app


def _find(path: str) -> tuple[dict[str, Route], dict[str, str]] | None:
    """The routes of a path by method, and the values of its `{…}`."""
    if path.startswith(_FILE):  # its rest is a path of its own, slashes and all
        file = Route("GET", path, lambda x: files.download(x, path.removeprefix(_FILE)))
        return {"GET": file, "HEAD": file}, {}
    found = _TABLE.find(path)
    if found is None and path.endswith("/") and _SLASHED.fullmatch(path):
        found = _TABLE.find(path[:-1])
    return found


async def _route(x: HttpExchange) -> None:
    path = _path(x.scope)
    found = _find(path)
    if x.method == "OPTIONS" and b"access-control-request-method" in x.headers:
        await x.reply(
            200,
            b"OK",
            b"text/plain; charset=utf-8",
            preflight_headers(x.headers.get(b"access-control-request-headers", b"")),
        )
        return
    if found is None:
        await problems.write(x, NotFound.status, NotFound.code, "There is no such page.", "Not Found", {}, [])
        return
    methods, params = found
    route = methods.get(x.method)
    if route is None:
        allow = ", ".join(sorted(methods)).encode()
        await problems.write(
            x,
            MethodNotAllowed.status,
            MethodNotAllowed.code,
            "Method Not Allowed",
            "Method Not Allowed",
            {},
            [(b"allow", allow)],
        )
        return
    x.scope["path_params"] = params
    x.user = x.surface.auth.user(x)
    if route.login and x.surface.auth.required and x.user is None and not x.surface.auth.operates(x):
        raise Unauthenticated("This Space asks for a login: POST /login, or send HTTP Basic credentials.")
    await route.handler(x)


def _path(scope: Scope) -> str:
    """The path below where the app is mounted."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    if root and path.startswith(root + "/"):
        return path[len(root) :]
    return path


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Websockets are not part of the protocol; the lifespan belongs to whoever serves or mounts the app."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
    elif scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
