"""The routes, in one table."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spaceport.api.cors import cors_headers, preflight_headers
from spaceport.api.pages import WEB
from spaceport.api.scripts import PATH
from spaceport.hub.hfapi import accounts, files, logs, operations, pages, spaces, variables
from spaceport.hub.hfapi.answers import Handler, RateLimiter, route
from spaceport.hub.hfapi.mirror import Upstream, missing
from spaceport.hub.queues import SpaceQueues
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.state import Hub

_ID = "/api/spaces/{owner}/{name}"
_TABLE: Sequence[tuple[str, str, Handler]] = (
    ("GET", "/healthz", operations.healthz),
    ("GET", "/readyz", operations.readyz),
    ("GET", "/metrics", operations.metrics),
    ("GET", PATH, operations.client_js),
    ("GET", f"{WEB}/{{file}}", pages.asset),
    ("GET", "/", pages.page),
    ("GET", "/spaces", pages.page),
    ("GET", "/spaces/{owner}/{name}", pages.page),
    ("GET", "/api/whoami-v2", accounts.whoami),
    ("POST", "/api/repos/create", spaces.create),
    ("DELETE", "/api/repos/delete", spaces.delete),
    ("POST", "/api/validate-yaml", files.validate_yaml),
    ("GET", "/api/spaces", spaces.listing),
    ("GET", "/api/spaces/by-subdomain/{subdomain}", spaces.by_subdomain),
    ("GET", _ID, spaces.info),
    ("GET", f"{_ID}/revision/{{revision:path}}", spaces.info),
    ("PUT", f"{_ID}/settings", spaces.settings),
    ("GET", f"{_ID}/runtime", spaces.runtime),
    ("GET", f"{_ID}/host", spaces.host),
    ("POST", f"{_ID}/restart", spaces.restart),
    ("POST", f"{_ID}/pause", spaces.pause),
    ("POST", f"{_ID}/duplicate", spaces.duplicate),
    ("POST", f"{_ID}/sleeptime", spaces.sleep_time),
    ("GET", f"{_ID}/secrets", variables.secrets),
    ("POST", f"{_ID}/secrets", variables.secrets),
    ("DELETE", f"{_ID}/secrets", variables.secrets),
    ("GET", f"{_ID}/variables", variables.variables),
    ("POST", f"{_ID}/variables", variables.variables),
    ("DELETE", f"{_ID}/variables", variables.variables),
    ("GET", f"{_ID}/logs/{{which}}", logs.logs),
    ("GET", f"{_ID}/refs", spaces.refs),
    ("GET", f"{_ID}/commits/{{revision}}", spaces.commits),
    ("GET", f"{_ID}/auth-check", spaces.auth_check),
    ("GET", f"{_ID}/auth-check/write", spaces.auth_check),
    ("POST", f"{_ID}/preupload/{{revision}}", files.preupload),
    ("POST", f"{_ID}/commit/{{revision}}", files.commit),
    ("GET", f"{_ID}/tree/{{revision}}", files.tree),
    ("GET", f"{_ID}/tree/{{revision}}/{{path:path}}", files.tree),
    ("POST", f"{_ID}/paths-info/{{revision}}", files.paths_info),
    ("GET", "/spaces/{owner}/{name}/resolve/{revision}/{path:path}", files.resolve),
)


def build(hub: Hub, fleet: Fleet, queues: SpaceQueues, apps: int | str, upstream: Upstream | None) -> Starlette:
    """The hub's HTTP API as an ASGI app; `apps`: the port of the Spaces' addresses, or their root."""
    routes = [Route(path, route(handler), methods=[method]) for method, path, handler in _TABLE]
    middleware = [Middleware(_CrossOrigin)]
    app = Starlette(routes=routes, exception_handlers={404: missing, 405: missing}, middleware=middleware)
    app.router.redirect_slashes = False
    app.state.hub, app.state.fleet, app.state.queues = hub, fleet, queues
    app.state.windows, app.state.apps, app.state.upstream = RateLimiter(), apps, upstream
    return app


class _CrossOrigin:
    """Pages of other origins may use the API with a token, as they may a Space's (api/cors.py)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"]) if scope["type"] == "http" else {}
        origin = headers.get(b"origin")
        if origin is None:
            await self._app(scope, receive, send)
            return
        extra = cors_headers(headers.get(b"host", b"").decode("latin-1"), origin.decode("latin-1"))
        asked = headers.get(b"access-control-request-headers", b"")
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            found = [(b"content-length", b"0"), *extra, *preflight_headers(asked)]
            await send({"type": "http.response.start", "status": 200, "headers": found})
            await send({"type": "http.response.body", "body": b""})
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self._app(scope, receive, told)
