"""Hugging Face's routes in one table, and the ASGI app that serves them together with the hub's own."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spaceport.api.cors import cors_headers, preflight_headers
from spaceport.hub.api.request import HubContext
from spaceport.hub.api.routes import ROUTES, Handler
from spaceport.hub.hfapi import accounts, commits, download, history, logs, running, spaces, tree, validate, variables
from spaceport.hub.hfapi.auth import guarded
from spaceport.hub.hfapi.mirror import Upstream, missing
from spaceport.hub.identity.access import TABLE, Access

_ID = "/api/spaces/{owner}/{name}"
HF_ROUTES: Sequence[tuple[str, str, Handler]] = (
    ("GET", "/api/whoami-v2", accounts.whoami),
    ("POST", "/api/repos/create", spaces.create),
    ("DELETE", "/api/repos/delete", spaces.delete),
    ("POST", "/api/validate-yaml", validate.validate_yaml),
    ("GET", "/api/spaces", spaces.listing),
    ("GET", "/api/spaces/by-subdomain/{subdomain}", spaces.info),
    ("GET", _ID, spaces.info),
    ("GET", f"{_ID}/revision/{{revision:path}}", spaces.info),
    ("PUT", f"{_ID}/settings", spaces.settings),
    ("GET", f"{_ID}/runtime", running.runtime),
    ("GET", f"{_ID}/host", running.host),
    ("POST", f"{_ID}/restart", running.restart),
    ("POST", f"{_ID}/pause", running.pause),
    ("POST", f"{_ID}/duplicate", spaces.duplicate),
    ("POST", f"{_ID}/sleeptime", running.sleep_time),
    ("GET", f"{_ID}/secrets", variables.secrets),
    ("POST", f"{_ID}/secrets", variables.secrets),
    ("DELETE", f"{_ID}/secrets", variables.secrets),
    ("GET", f"{_ID}/variables", variables.variables),
    ("POST", f"{_ID}/variables", variables.variables),
    ("DELETE", f"{_ID}/variables", variables.variables),
    ("GET", f"{_ID}/logs/{{which}}", logs.logs),
    ("GET", f"{_ID}/refs", history.refs),
    ("GET", f"{_ID}/commits/{{revision}}", history.commits),
    ("GET", f"{_ID}/auth-check", spaces.auth_check),
    ("GET", f"{_ID}/auth-check/write", spaces.auth_check),
    ("POST", f"{_ID}/preupload/{{revision}}", commits.preupload),
    ("POST", f"{_ID}/commit/{{revision}}", commits.commit),
    ("GET", f"{_ID}/tree/{{revision}}", tree.tree),
    ("GET", f"{_ID}/tree/{{revision}}/{{path:path}}", tree.tree),
    ("POST", f"{_ID}/paths-info/{{revision}}", tree.paths_info),
    ("GET", "/spaces/{owner}/{name}/resolve/{revision}/{path:path}", download.resolve),
)


def build(context: HubContext, upstream: Upstream | None = None) -> Starlette:
    """The hub's HTTP API as an ASGI app; a route without a row in the table of who may is a `KeyError` here."""
    routes = [
        Route(path, guarded(handler, TABLE[f"{method} {path}"]), methods=[method])
        for method, path, handler in (*ROUTES, *HF_ROUTES)
    ]
    handlers = {404: _missing, 405: _missing}
    app = Starlette(routes=routes, exception_handlers=handlers, middleware=[Middleware(_CrossOrigin)])
    app.router.redirect_slashes = False
    app.state.context, app.state.upstream = context, upstream
    return app


async def _missing(request: Request, error: Exception) -> Response:
    """A request that no route takes counts like any other."""

    async def handler(request: Request) -> Response:
        return await missing(request, error)

    return await guarded(handler, Access.PUBLIC)(request)


class _CrossOrigin:
    """Lets pages of other origins use the API with a token, as they may use a Space's (api/cors.py)."""

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

        async def send_with_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self._app(scope, receive, send_with_cors)
