"""Routes that describe the Space or answer for the session's user: `/config`, `/info`, login and small ones."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request

from spaceport.api.catalog import Endpoint
from spaceport.api.exchange import HttpExchange
from spaceport.api.openapi import document
from spaceport.api.root import ANY_ROOT, public_root, rooted
from spaceport.errors import InvalidInput, WrongCredentials
from spaceport.snippets.code import arguments, snippets
from spaceport.wire.documents import API_PREFIX, GRADIO_VERSION, PROTOCOL
from spaceport.wire.json import decode, encode


async def config(x: HttpExchange) -> None:
    """`GET /config`: the part that is the same for everyone is made once."""
    surface = x.surface
    if surface.config is None:
        options = surface.options
        surface.config = encode(
            {
                "version": GRADIO_VERSION,
                "api_prefix": API_PREFIX,
                "mode": options.mode,
                "app_id": surface.app_id,
                "dev_mode": False,
                "analytics_enabled": False,
                "components": surface.catalog.components,
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
                "dependencies": [e.dependency for e in surface.catalog.endpoints],
                "layout": {"id": 0, "children": []},
                "spaceport": surface.superset,
            }
        )
    root = public_root(x)
    tail = encode({"username": x.user, "root": root})
    await x.reply(200, rooted(surface.config, root)[:-1] + b"," + tail[1:])


async def info(x: HttpExchange) -> None:
    """`GET /info`; `all_endpoints` adds the undocumented ones."""
    everything = x.query("all_endpoints") is not None
    cached = x.surface.info.get(everything)
    if cached is None:
        shown = ("public", "undocumented") if everything else ("public",)
        named = {f"/{e.name}": _described(e) for e in x.surface.catalog.endpoints if e.visibility in shown}
        cached = encode({"named_endpoints": named, "unnamed_endpoints": {}, "spaceport": x.surface.superset})
        x.surface.info[everything] = cached
    await x.reply(200, rooted(cached, public_root(x)))


def _described(endpoint: Endpoint) -> dict[str, Any]:
    info = decode(encode(endpoint.info))
    given = arguments(info["parameters"])
    return {**info, "code_snippets": snippets(ANY_ROOT, API_PREFIX, f"/{endpoint.name}", given)}


async def openapi(x: HttpExchange) -> None:
    if x.surface.openapi is None:
        x.surface.openapi = encode(document(x.surface))
    await x.reply(200, x.surface.openapi)


async def app_id(x: HttpExchange) -> None:
    await x.reply(200, b'{"app_id":%d}' % x.surface.app_id)


async def startup_events(x: HttpExchange) -> None:
    """Gradio's launcher calls it to start the queue; ours has started."""
    await x.reply(200, b"false")


async def user(x: HttpExchange) -> None:
    await x.json(x.user)


async def login_check(x: HttpExchange) -> None:
    await x.reply(200, b"null")


async def token(x: HttpExchange) -> None:
    cookie = x.surface.auth.token(x.header(b"cookie")) if x.user is not None else None
    await x.json({"token": cookie, "user": x.user})


async def login(x: HttpExchange) -> None:
    """`POST /login` with `username` and `password` as a form: two cookies, for https and for plain http."""
    if not x.surface.auth.required:
        await x.redirect(public_root(x))
        return
    raw = await x.body(64 << 10, x.surface.options.body_timeout_s)
    name, password = await _credentials(x, raw)
    client = x.scope.get("client")
    found = x.surface.auth.login(name, password, client[0] if client else "")
    if found is None:
        raise WrongCredentials("Incorrect credentials.")
    secure, plain = x.surface.auth.cookies
    cookies = [
        (b"set-cookie", f"{secure}={found}; HttpOnly; Path=/; SameSite=none; Secure".encode()),
        (b"set-cookie", f"{plain}={found}; HttpOnly; Path=/; SameSite=lax".encode()),
    ]
    await x.reply(200, b'{"success":true}', headers=cookies)


async def _credentials(x: HttpExchange, raw: bytes) -> tuple[str, str]:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": raw, "more_body": False}

    form = await Request(dict(x.scope), receive).form(max_files=0, max_fields=10)
    name, password = form.get("username"), form.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        missing = [field for field in ("username", "password") if not isinstance(form.get(field), str)]
        problems = [{"type": "missing", "loc": ["body", f], "msg": "Field required", "input": None} for f in missing]
        raise InvalidInput("Send username and password as a form.", problems)
    return name, password


async def logout(x: HttpExchange) -> None:
    if x.user is not None:
        x.surface.auth.logout(x.user)
    gone = [(b"set-cookie", f'{name}=""; Max-Age=0; Path=/; SameSite=lax'.encode()) for name in x.surface.auth.cookies]
    await x.redirect(public_root(x), gone if x.surface.auth.required else None)


async def robots(x: HttpExchange) -> None:
    rule = "User-agent: *\nDisallow: " + ("/" if x.surface.auth.required else "")
    await x.reply(200, rule.encode(), b"text/plain; charset=utf-8")


async def manifest(x: HttpExchange) -> None:
    value = {"name": x.surface.options.title, "icons": [], "start_url": "./", "display": "standalone"}
    await x.reply(200, msgspec.json.encode(value), b"application/manifest+json")
