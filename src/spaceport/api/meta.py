"""The routes that describe the Space, and those of the login: `/config`, `/info`, `/login` and small ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request

from spaceport.api.catalog import Endpoint
from spaceport.api.compression import reply_document
from spaceport.api.context import AppContext, Options
from spaceport.api.exchange import HttpExchange
from spaceport.api.openapi import document
from spaceport.api.root import ANY_ROOT, public_root, rooted
from spaceport.errors import InvalidInput, WrongCredentials
from spaceport.snippets.code import arguments, snippets
from spaceport.wire.documents import API_PREFIX, GRADIO_VERSION, PROTOCOL
from spaceport.wire.json import decode, encode

_FEW = 100
"""Documents of more endpoints are made in a thread."""


async def config(request: HttpExchange) -> None:
    """`GET /config`: describe components and endpoints. The part that all callers share is encoded once."""
    context = request.context
    if context.config is None:
        options = context.options
        context.config = encode(
            {
                "version": GRADIO_VERSION,
                "api_prefix": API_PREFIX,
                "mode": options.mode,
                "app_id": context.app_id,
                "dev_mode": False,
                "analytics_enabled": False,
                "components": context.catalog.components,
                "connect_heartbeat": options.connect_heartbeat,
                "title": options.title,
                "description": options.description,
                "space_id": options.space_id,
                "enable_queue": True,
                "show_error": options.show_error,
                "is_colab": False,
                "max_file_size": options.max_file_size,
                "protocol": PROTOCOL,
                "pages": [["", "Home", True]],
                "mcp_server": False,
                "dependencies": [e.dependency for e in context.catalog.endpoints],
                "layout": {"id": 0, "children": []},
                "spaceport": context.superset,
            }
        )
    root = public_root(request)
    tail = encode({"username": request.user, "root": root})
    await reply_document(request, rooted(context.config, root)[:-1] + b"," + tail[1:])


async def info(request: HttpExchange) -> None:
    """`GET /info`: describe the public endpoints; with `all_endpoints` the undocumented ones too."""
    context, everything = request.context, request.query("all_endpoints") is not None
    cached = context.info.get(everything)
    if cached is None:
        cached = await _made(context, lambda: context.info.get(everything), lambda: _info(context, everything))
        context.info[everything] = cached
    await reply_document(request, rooted(cached, public_root(request)))


async def _made(context: AppContext, known: Callable[[], bytes | None], make: Callable[[], bytes]) -> bytes:
    """A document, which a thread makes where it is large. `known` returns the one that another request had made."""
    if len(context.catalog.endpoints) <= _FEW:
        return make()
    async with context.making:
        found = known()
        while found is None:
            catalog = context.catalog
            found = await asyncio.to_thread(make)
            if context.catalog is not catalog:  # the app has described itself anew
                found = None
        return found


def _info(context: AppContext, everything: bool) -> bytes:
    shown = ("public", "undocumented") if everything else ("public",)
    endpoints = context.catalog.endpoints
    named = {f"/{e.name}": _described(e, context.options) for e in endpoints if e.visibility in shown}
    return encode({"named_endpoints": named, "unnamed_endpoints": {}, "spaceport": context.superset})


def _described(endpoint: Endpoint, options: Options) -> dict[str, Any]:
    info = decode(encode(endpoint.info))
    given = arguments(info["parameters"])
    code = snippets(ANY_ROOT, API_PREFIX, f"/{endpoint.name}", given, space=options.hub_space, hub=options.hub_url)
    return {**info, "code_snippets": code}


async def openapi(request: HttpExchange) -> None:
    context = request.context
    if context.openapi is None:
        context.openapi = await _made(context, lambda: context.openapi, lambda: encode(document(context)))
    await reply_document(request, context.openapi)


async def app_id(request: HttpExchange) -> None:
    await request.reply(200, b'{"app_id":%d}' % request.context.app_id)


async def startup_events(request: HttpExchange) -> None:
    """Gradio's launcher calls this route to start the queue; ours has already started."""
    await request.reply(200, b"false")


async def user(request: HttpExchange) -> None:
    await request.json(request.user)


async def login_check(request: HttpExchange) -> None:
    await request.reply(200, b"null")


async def token(request: HttpExchange) -> None:
    cookie = request.context.auth.token(request.header(b"cookie")) if request.user is not None else None
    await request.json({"token": cookie, "user": request.user})


async def login(request: HttpExchange) -> None:
    """`POST /login`: log in with the form fields `username` and `password`; sets a cookie each for https and http."""
    if not request.context.auth.required:
        await request.redirect(public_root(request))
        return
    raw = await request.body(64 << 10, request.context.options.body_timeout_s)
    name, password = await _credentials(request, raw)
    found = request.context.auth.login(name, password, request.client)
    if found is None:
        raise WrongCredentials("Incorrect credentials.")
    secure, plain = request.context.auth.cookies
    cookies = [
        (b"set-cookie", f"{secure}={found}; HttpOnly; Path=/; SameSite=none; Secure".encode()),
        (b"set-cookie", f"{plain}={found}; HttpOnly; Path=/; SameSite=lax".encode()),
    ]
    await request.reply(200, b'{"success":true}', headers=cookies)


async def _credentials(request: HttpExchange, raw: bytes) -> tuple[str, str]:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": raw, "more_body": False}

    form = await Request(dict(request.scope), receive).form(max_files=0, max_fields=10)
    name, password = form.get("username"), form.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        missing = [field for field in ("username", "password") if not isinstance(form.get(field), str)]
        problems = [{"type": "missing", "loc": ["body", f], "msg": "Field required", "input": None} for f in missing]
        raise InvalidInput("Send username and password as a form.", problems)
    return name, password


async def logout(request: HttpExchange) -> None:
    if request.user is not None:
        request.context.auth.logout(request.user)
    gone = [
        (b"set-cookie", f'{name}=""; Max-Age=0; Path=/; SameSite=lax'.encode()) for name in request.context.auth.cookies
    ]
    await request.redirect(public_root(request), gone if request.context.auth.required else None)


async def robots(request: HttpExchange) -> None:
    rule = "User-agent: *\nDisallow: " + ("/" if request.context.auth.required else "")
    await request.reply(200, rule.encode(), b"text/plain; charset=utf-8")


async def manifest(request: HttpExchange) -> None:
    value = {"name": request.context.options.title, "icons": [], "start_url": "./", "display": "standalone"}
    await request.reply(200, msgspec.json.encode(value), b"application/manifest+json")
