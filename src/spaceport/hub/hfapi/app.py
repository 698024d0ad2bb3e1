"""Hugging Face's routes in one table, and the ASGI app that serves them together with the hub's own."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spaceport.api.origins import ANY_HOST, OriginRules, host_of, is_preflight, preflight_headers
from spaceport.errors import RequestError
from spaceport.hub.api.request import HubContext
from spaceport.hub.api.routes import ROUTES, Handler
from spaceport.hub.hfapi import accounts, commits, download, history, logs, running, spaces, tree, validate, variables
from spaceport.hub.hfapi.auth import guarded
from spaceport.hub.hfapi.errors import hub_error
from spaceport.hub.hfapi.mirror import Upstream, missing
from spaceport.hub.identity.access import TABLE, Access

_ID = "/api/spaces/{owner}/{name}"
HF_ROUTES: Sequence[tuple[str, str, Handler]] = (
    ("GET", "/api/whoami-v2", accounts.whoami),
    ("POST", "/api/repos/create", spaces.create),
    ("GET", "/api/users/{owner}/overview", accounts.user_overview),
    ("GET", "/api/organizations/{owner}/overview", accounts.organization_overview),
    ("GET", "/api/organizations/{owner}/members", accounts.members),
    ("DELETE", "/api/repos/delete", spaces.delete),
    ("POST", "/api/repos/move", spaces.move),
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
    ("GET", "/spaces/{owner}/{name}/raw/{revision}/{path:path}", download.raw),
)


def build(context: HubContext, upstream: Upstream | None = None, origins: OriginRules = ANY_HOST) -> Starlette:
    """The hub's HTTP API as an ASGI app; a route without a row in the table of who may is a `KeyError` here."""
    routes = [
        Route(path, guarded(handler, TABLE[f"{method} {path}"], path), methods=[method])
        for method, path, handler in (*HF_ROUTES, *ROUTES)
    ]
    middleware = Middleware(_CrossOrigin, origins=origins, trust_forwarded=context.settings.trust_forwarded)
    handlers = {404: _missing, 405: _missing}
    app = Starlette(routes=routes, exception_handlers=handlers, middleware=[middleware])
    app.router.redirect_slashes = False
    app.state.context, app.state.upstream = context, upstream
    return app


async def _missing(request: Request, error: Exception) -> Response:
    """A request that no route takes counts like any other."""

    async def handler(request: Request) -> Response:
        return await missing(request, error)

    return await guarded(handler, Access.PUBLIC, request.url.path)(request)


class _CrossOrigin:
    """Lets pages of other origins use the API with a token, as they may use a Space's (api/origins.py)."""

    def __init__(self, app: ASGIApp, origins: OriginRules, *, trust_forwarded: bool) -> None:
        self._app = app
        self._origins = origins
        self._trust_forwarded = trust_forwarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin, host = headers.get(b"origin"), host_of(headers, trust_forwarded=self._trust_forwarded)
        extra = [] if origin is None else self._origins.cors_headers(host, origin.decode("latin-1"))
        try:
            self._origins.check(scope["method"], scope["headers"], headers, host)
        except RequestError as error:
            refusal = hub_error(error.message, error.status)
            refusal.raw_headers += extra
            await refusal(scope, receive, send)
            return
        if origin is None:
            await self._app(scope, receive, send)
            return
        asked = headers.get(b"access-control-request-headers", b"")
        if is_preflight(scope["method"], headers):
            found = [(b"content-length", b"0"), *extra, *preflight_headers(asked)]
            await send({"type": "http.response.start", "status": 200, "headers": found})
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_with_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self._app(scope, receive, send_with_cors)
