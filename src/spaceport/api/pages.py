"""The Space's page: a shell that loads js/web's built files, those files, and what the page asks for beside the API."""

from __future__ import annotations

import asyncio
import functools
import gzip
import html
import json
import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from spaceport.api import body
from spaceport.api.exchange import HttpExchange
from spaceport.api.root import public_root
from spaceport.errors import InvalidInput, NotFound
from spaceport.snippets.code import arguments, written
from spaceport.snippets.markdown import described, listed
from spaceport.snippets.script import SnippetTarget, Step
from spaceport.wire.documents import API_PREFIX
from spaceport.wire.json import decode, encode

WEB = "/--spaceport/web"
_ASSETS = Path(__file__).parent / "assets" / "web"


_SHELL = """<!doctype html>
<html lang="en" data-root="{root}" data-login="{login}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="description" content="{description}">
<link rel="icon" href="data:,">
{head}</head>
<body>
<div id="page">{text}</div>
<noscript><p>This page needs JavaScript. The API does not: <a href="{root}agents.md">how to call it</a>,
<a href="{root}openapi.json">OpenAPI</a>.</p></noscript>
</body>
</html>
"""
_NOT_BUILT = "<p>The pages were not built: run <code>make js</code>. The API works.</p>"


def policy(apps: str = "") -> str:
    """The Content-Security-Policy: nothing from elsewhere, no script but ours; styles in attributes are an author's.

    `apps`: another origin, whose pages this one may frame and whose API it may use.
    """
    sources = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "style-src-attr": "'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "connect-src": f"'self' blob: data: {apps}".strip(),
        "font-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-src": f"'self' {apps}".strip(),
    }
    return "; ".join(f"{what} {allowed}" for what, allowed in sources.items())


async def page(request: HttpExchange) -> None:
    """`GET /`, of the app and of its API alike: the view is in the address's query."""
    options = request.context.options
    last = request.path.rsplit("/", 1)[-1]
    root = f"{last}/" if last else "./"
    login = request.context.auth.message or ""
    text = shell("space", root, title=options.title, description=options.description or "", login=login)
    headers = [(name.encode(), value.encode()) for name, value in headers_of().items()]
    await request.reply(200, text.encode(), b"text/html; charset=utf-8", headers)


def headers_of(apps: str = "") -> dict[str, str]:
    """What goes with a page; `apps` as in `policy`."""
    return {
        "content-security-policy": policy(apps),
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "cache-control": "no-cache",
    }


def shell(entry: str, root: str, *, title: str, description: str = "", login: str = "") -> str:
    """HTML of a page of js/web. `root`: where the app or hub is, relative to the page, so that it works at any path."""
    built = _manifest().get(f"src/{entry}.tsx")
    lines = []
    if built is not None:
        at = f"{root}{WEB[1:]}/"
        lines = [f'<link rel="stylesheet" href="{at}{name}">' for name in built.get("css", ())]
        lines += [f'<link rel="modulepreload" href="{at}{name}">' for name in built.get("preload", ())]
        lines.append(f'<script type="module" src="{at}{built["file"]}"></script>')
    return _SHELL.format(
        root=html.escape(root),
        login=html.escape(login),
        title=html.escape(title),
        description=html.escape(description),
        head="".join(f"{line}\n" for line in lines),
        text="" if built is not None else _NOT_BUILT,
    )


@functools.cache
def _manifest() -> dict[str, dict[str, Any]]:
    """Entries by their source, with what they load at once; empty where nothing was built."""
    try:
        found: dict[str, Any] = json.loads((_ASSETS / "manifest.json").read_bytes())
    except OSError:
        return {}
    entries = {}
    for name, entry in found.items():
        if entry.get("isEntry"):
            shared = [found[one] for one in entry.get("imports", ())]
            css = [*entry.get("css", ()), *(one for part in shared for one in part.get("css", ()))]
            entries[name] = {"file": entry["file"], "css": css, "preload": [part["file"] for part in shared]}
    return entries


async def asset(request: HttpExchange) -> None:
    """`GET /--spaceport/web/{name}`."""
    data, headers = await asyncio.to_thread(asset_of, request.params["name"], request.header(b"accept-encoding"))
    kind = headers.pop("content-type")
    await request.reply(200, data, kind.encode(), [(name.encode(), value.encode()) for name, value in headers.items()])


def asset_of(name: str, accepted: str) -> tuple[bytes, dict[str, str]]:
    """A built file for who accepts these encodings, and its headers. Raises `NotFound`.

    Its name has the hash of what is in it, so that it can be kept for good.
    """
    data, kind = _built(name)
    headers = {"content-type": kind, "cache-control": "public, max-age=31536000, immutable"}
    headers |= {"x-content-type-options": "nosniff", "vary": "accept-encoding"}
    if "gzip" in accepted:
        return _packed(name), headers | {"content-encoding": "gzip"}
    return data, headers


@functools.lru_cache(maxsize=128)
def _packed(name: str) -> bytes:
    return gzip.compress(_built(name)[0], 6, mtime=0)


@functools.lru_cache(maxsize=128)
def _built(name: str) -> tuple[bytes, str]:
    """A built file and its type. Raises `NotFound`."""
    if "/" in name or name.startswith(".") or name == "manifest.json":
        raise NotFound("There is no such page.")
    try:
        data = (_ASSETS / name).read_bytes()
    except OSError:
        raise NotFound("There is no such page.") from None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return data, f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


class _Call(msgspec.Struct):
    name: str
    given: dict[str, Any]
    outputs: list[Any] = []


class _Wanted(msgspec.Struct):
    calls: list[_Call]
    token: str = ""


async def snippets(request: HttpExchange) -> None:
    """`POST snippets` `{calls: [{name, given, outputs}], token}`: code that makes these calls, by language.

    `given` is by name, a file that the caller has with its own path; `outputs` what a call gave: where a later call
    takes that, the code has a variable.
    """
    try:
        wanted = msgspec.json.decode(await body.read(request), type=_Wanted)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(str(error)) from None
    if not wanted.calls:
        raise InvalidInput("Send at least one call.")
    steps = [_step(request, call) for call in wanted.calls]
    await request.json(written(SnippetTarget(public_root(request), API_PREFIX, wanted.token), steps))


def _step(request: HttpExchange, call: _Call) -> Step:
    info = request.context.catalog.get_endpoint(call.name.strip("/")).info
    names = [parameter.parameter_name for parameter in info.parameters]
    unknown = [name for name in call.given if name not in names]
    if unknown:
        raise InvalidInput(f"/{call.name} has no parameter {unknown[0]!r}. Parameters: {', '.join(names) or 'none'}.")
    return Step(f"/{call.name.strip('/')}", call.given, call.outputs)


async def agents_md(request: HttpExchange) -> None:
    """`GET /agents.md`: how to call the Space, for agents and people who read."""
    text = await asyncio.to_thread(_markdown, request, public_root(request))
    await request.reply(200, text.encode(), b"text/markdown; charset=utf-8")


async def llms_txt(request: HttpExchange) -> None:
    """`GET /llms.txt`: what there is to read, and where (llmstxt.org)."""
    options = request.context.options
    names = [(f"/{e.name}", e.info.description) for e in request.context.catalog.endpoints if e.visibility == "public"]
    text = listed(options.title, options.description or "", public_root(request), names)
    await request.reply(200, text.encode(), b"text/plain; charset=utf-8")


def _markdown(request: HttpExchange, root: str) -> str:
    parts: list[tuple[str, dict[str, Any], dict[str, str]]] = []
    for endpoint in request.context.catalog.endpoints:
        if endpoint.visibility == "public":
            info = decode(encode(endpoint.info))
            steps: Sequence[Step] = [Step(f"/{endpoint.name}", arguments(info["parameters"]))]
            parts.append((f"/{endpoint.name}", info, written(SnippetTarget(root, API_PREFIX), steps)))
    options = request.context.options
    return described(options.title, options.description or "", root, API_PREFIX, parts)
