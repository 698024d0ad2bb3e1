"""The ASGI app: around the table of routes (api.routes), login, CORS and errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from spaceport.api import problems, routes
from spaceport.api.context import AppContext
from spaceport.api.cors import cors_headers, preflight_headers
from spaceport.api.exchange import HttpExchange, Receive, Scope, Send
from spaceport.errors import ClientGone, MethodNotAllowed, NotFound, SpaceportError, Unauthenticated

ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


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


async def _route(x: HttpExchange) -> None:
    path = _path(x.scope)
    found = routes.find(path)
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
