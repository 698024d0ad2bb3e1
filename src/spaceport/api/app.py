"""The ASGI app: around the table of routes (api.routes), login, CORS and errors."""

from __future__ import annotations

from spaceport.api import problems, routes
from spaceport.api.asgi import ASGIApp, Receive, Scope, Send
from spaceport.api.context import AppContext
from spaceport.api.exchange import HttpExchange
from spaceport.api.origins import is_preflight, preflight_headers
from spaceport.errors import ClientGone, MethodNotAllowed, NotFound, SpaceportError, Unauthenticated


def build_app(context: AppContext) -> ASGIApp:
    """Build the API as an ASGI app. Its engine must be started before the first request."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _refuse(scope, receive, send)
            return
        request = HttpExchange(context, scope, receive, send)
        origins, origin = context.options.origins, request.headers.get(b"origin")
        if origin is not None:
            request.extra += origins.cors_headers(request.host, origin.decode("latin-1"))
        try:
            if not origins.checked_before:
                origins.check(request.method, scope["headers"], request.headers, request.host)
            await _route(request)
        except ClientGone:
            if not request.started:
                await request.reply(408, b"", headers=[(b"connection", b"close")])
        except SpaceportError as error:
            if request.started:
                raise
            await problems.answer(request, error)
        except Exception:
            if request.started:
                raise
            await problems.answer_bug(request)

    return app


async def _route(request: HttpExchange) -> None:
    path = _path(request.scope)
    found = routes.find(path)
    if is_preflight(request.method, request.headers):
        await request.reply(
            200,
            b"OK",
            b"text/plain; charset=utf-8",
            preflight_headers(request.headers.get(b"access-control-request-headers", b"")),
        )
        return
    if found is None:
        await problems.write(request, NotFound.status, NotFound.code, "There is no such page.", "Not Found", {}, [])
        return
    methods, params = found
    route = methods.get(request.method)
    if route is None:
        allow = ", ".join(sorted(methods)).encode()
        await problems.write(
            request,
            MethodNotAllowed.status,
            MethodNotAllowed.code,
            "Method Not Allowed",
            "Method Not Allowed",
            {},
            [(b"allow", allow)],
        )
        return
    request.scope["path_params"] = params
    request.user = request.context.auth.user(request)
    if (
        route.login
        and request.context.auth.required
        and request.user is None
        and not request.context.auth.operates(request)
    ):
        raise Unauthenticated("This Space asks for a login: POST /login, or send HTTP Basic credentials.")
    await route.handler(request)


def _path(scope: Scope) -> str:
    """The path of a request, relative to where the app is mounted."""
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
