"""The Space's page: HTML that loads the files which js/web builds, and those files."""

from __future__ import annotations

import asyncio
import base64
import functools
import gzip
import hashlib
import html
import json
import mimetypes
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from spaceport.api.api_paint import ApiPaint
from spaceport.api.catalog import Endpoint
from spaceport.api.exchange import HttpExchange
from spaceport.api.first_paint import FirstPaint
from spaceport.api.root import quotable_root
from spaceport.api.theme import NO_THEME, Theme
from spaceport.errors import NotFound
from spaceport.snippets.code import arguments, snippets
from spaceport.wire.documents import API_PREFIX
from spaceport.wire.json import decode, encode

WEB = "/--spaceport/web"
EMBED = "/--spaceport/embed.js"
_ASSETS = Path(__file__).parent / "assets" / "web"
_DESCRIPTION_MAX = 300
"""Characters of the description that search engines and messengers show."""

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='8' fill='%233a56d4'/%3E"
    "%3Cpath d='M16 5c4 3 6 8 6 12l-3 4h-6l-3-4c0-4 2-9 6-12zm-5 17-3 5m13-5 3 5' fill='none' "
    "stroke='white' stroke-width='2.4' stroke-linejoin='round' stroke-linecap='round'/%3E%3C/svg%3E"
)
_SHELL = """<!doctype html>
<html lang="en" data-root="{root}" data-login="{login}"{look}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="description" content="{description}">
<link rel="icon" href="{icon}">
{head}</head>
<body>
<div id="page">{text}</div>
<noscript><p>This page needs JavaScript. The API does not: <a href="{root}agents.md">how to call it</a>,
<a href="{root}openapi.json">OpenAPI</a>.</p></noscript>
</body>
</html>
"""
_SCRIPT = """{let a=["auto","light","dark"],b=new URLSearchParams(location.search).get("__theme");\
try{if(!a.includes(b))b=localStorage.getItem("spaceport-theme")}catch{}\
if(a.includes(b))document.documentElement.dataset.theme=b;\
let c=()=>import(document.getElementById("script").href);\
document.hidden?c():requestAnimationFrame(()=>setTimeout(c))}"""
"""Chooses dark or light as js/web/src/services/theme.ts does, and begins with the page's own script when what the
server has painted is seen: compiling it takes longer than painting. The policy allows this script by its hash."""
_SCRIPT_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_NOT_BUILT = "<p>The pages are not built: run <code>make js</code>. The API works without them.</p>"


def policy(frames: str = "", ancestors: str = "") -> str:
    """The Content-Security-Policy: nothing from other hosts, no script but ours. HTML may have style attributes.

    `frames`: origins whose pages this one may frame and whose API it may use. `ancestors`: who may frame this page;
    without it everybody may.
    """
    sources = {
        "default-src": "'none'",
        "script-src": f"'self' 'sha256-{_SCRIPT_HASH}'",
        "style-src": "'self'",
        "style-src-attr": "'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "connect-src": f"'self' blob: data: {frames}".strip(),
        "font-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-src": f"'self' {frames}".strip(),
    }
    if ancestors:
        sources["frame-ancestors"] = ancestors
    return "; ".join(f"{what} {allowed}" for what, allowed in sources.items())


async def page(request: HttpExchange) -> None:
    """`GET /`. Also the root of the API: the query of the address says which view is shown."""
    options = request.context.options
    last = request.path.rsplit("/", 1)[-1]
    root = f"{last}/" if last else "./"
    login = request.context.auth.message or ""
    about = {"title": options.title, "description": options.description or "", "login": login}
    read = () if request.context.auth.required else ("config", f"{API_PREFIX[1:]}/info")
    parts = ["src/pages/api/index.tsx"] if request.query("view") == "api" else []
    content = _first_paint(request)
    text = shell("space", root, theme=options.theme, read=read, parts=parts, content=content, **about)
    data, fields = text.encode(), {**page_headers(), "vary": "accept-encoding"}
    if "gzip" in request.header(b"accept-encoding"):
        data = await asyncio.to_thread(gzip.compress, data, 6, mtime=0)
        fields["content-encoding"] = "gzip"
    headers = [(name.encode(), value.encode()) for name, value in fields.items()]
    await request.reply(200, data, b"text/html; charset=utf-8", headers)


def _first_paint(request: HttpExchange) -> str:
    """What the page shows at first; nothing where it may ask for a login."""
    if request.context.auth.required:
        return ""
    options = request.context.options
    painted = FirstPaint(
        title=options.title or "Space",
        description=options.description or "",
        theme=options.theme,
        icon=options.theme.icon or ICON,
        chat=options.mode == "chat_interface",
        view=request.query("view") or "",
        endpoint=request.query("endpoint"),
        framed=request.query("__chrome") == "0",
        api=_api_paint(request),
    )
    return painted.html([one for one in request.context.catalog.endpoints if one.visibility == "public"])


def _api_paint(request: HttpExchange) -> ApiPaint:
    options, root = request.context.options, quotable_root(request)

    def code(endpoint: Endpoint) -> str:
        given = arguments(decode(encode(endpoint.info.parameters)))
        space, hub = options.hub_space, options.hub_url
        return snippets(root, API_PREFIX, f"/{endpoint.name}", given, space=space, hub=hub)["python"]

    return ApiPaint(f"{root}/", {one.id: one for one in request.context.catalog.components}, code)


def page_headers(frames: str = "", ancestors: str = "") -> dict[str, str]:
    """The headers of a page. `frames` and `ancestors` as in `policy`."""
    return {
        "content-security-policy": policy(frames, ancestors),
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "cache-control": "no-cache",
    }


def shell(
    entry: str,
    root: str,
    *,
    title: str,
    description: str = "",
    login: str = "",
    theme: Theme = NO_THEME,
    read: Sequence[str] = (),
    parts: Sequence[str] = (),
    content: str = "",
) -> str:
    """The HTML of a page of js/web. `root`: the app or hub, relative to the page, so that it works below any path.

    `read`: documents below the root that the page always reads; the browser fetches them beside the scripts.
    `parts`: sources that the page loads when it shows what the address asks for, to be fetched with it.
    `content`: HTML that is shown until the script has run.
    """
    built = _entries().get(f"src/{entry}.tsx")
    lines = []
    if built is not None:
        at = f"{root}{WEB[1:]}/"
        lines = [f'<link rel="modulepreload" id="script" href="{at}{built["file"]}">', f"<script>{_SCRIPT}</script>"]
        lines += [f'<link rel="stylesheet" href="{at}{name}">' for name in built["css"]]
        font = '<link rel="preload" as="font" type="font/woff2" crossorigin href="'
        lines += [f'{font}{at}{name}">' for name in built["fonts"]]
        lines += [f'<link rel="modulepreload" href="{at}{name}">' for name in built["preload"]]
        lines += [f'<link rel="modulepreload" href="{at}{built["parts"][name]}">' for name in parts]
        lines += [f'<link rel="preload" as="fetch" crossorigin href="{root}{path}">' for path in read]
    return _SHELL.format(
        root=html.escape(root),
        login=html.escape(login),
        title=html.escape(title),
        description=html.escape(description[:_DESCRIPTION_MAX]),
        icon=html.escape(theme.icon or ICON),
        look=theme.attributes,
        head="".join(f"{line}\n" for line in lines),
        text=content if built is not None else _NOT_BUILT,
    )


def stylesheets(entry: str, root: str) -> list[str]:
    """The addresses of the styles that a page of js/web has; `root` as for `shell`."""
    built = _entries().get(f"src/{entry}.tsx", {"css": []})
    return [f"{root}{WEB[1:]}/{name}" for name in built["css"]]


@functools.cache
def _entries() -> dict[str, dict[str, Any]]:
    """The entries of the build by their source, with the files that each loads at once; empty when nothing is built."""
    try:
        manifest: dict[str, Any] = json.loads((_ASSETS / "manifest.json").read_bytes())
    except OSError:
        return {}
    entries = {}
    for name, entry in manifest.items():
        if entry.get("isEntry"):
            parts = list(dict.fromkeys(_imports(manifest, name)))  # shared rules come first: a page's own win
            css = [file for part in parts for file in manifest[part].get("css", ())]
            preload = [manifest[part]["file"] for part in parts if part != name]
            fonts = [file for part in parts for file in manifest[part].get("assets", ()) if "-latin-wght-" in file]
            loaded = {manifest[part].get("src"): manifest[part]["file"] for part in entry.get("dynamicImports", ())}
            entries[name] = {"file": entry["file"], "css": css, "preload": preload, "fonts": fonts, "parts": loaded}
    return entries


def _imports(manifest: dict[str, Any], name: str) -> Iterator[str]:
    """What a chunk imports, directly and through others, then the chunk itself."""
    for imported in manifest[name].get("imports", ()):
        yield from _imports(manifest, imported)
    yield name


async def embed(request: HttpExchange) -> None:
    """`GET /--spaceport/embed.js`: leads to the element `<spaceport-space>`, for pages of other origins."""
    built = _entries().get("src/embed.ts")
    if built is None:
        raise NotFound("This server comes without its pages: build them with `make js`.")
    headers = [(b"location", f"web/{built['file']}".encode()), (b"cache-control", b"public, max-age=3600")]
    await request.reply(302, b"", headers=headers)


async def asset(request: HttpExchange) -> None:
    """`GET /--spaceport/web/{name}`."""
    data, headers = await asyncio.to_thread(asset_of, request.params["name"], request.header(b"accept-encoding"))
    kind = headers.pop("content-type")
    await request.reply(200, data, kind.encode(), [(name.encode(), value.encode()) for name, value in headers.items()])


def asset_of(name: str, accepted: str) -> tuple[bytes, dict[str, str]]:
    """A built file and its headers, for a client that accepts these encodings. Raises `NotFound`.

    The name has the hash of the content, so that browsers may keep the file for ever.
    """
    data, kind = _built(name)
    headers = {"content-type": kind, "cache-control": "public, max-age=31536000, immutable"}
    headers |= {"x-content-type-options": "nosniff", "vary": "accept-encoding"}
    if "gzip" in accepted and not kind.startswith("font/"):
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
    kind = "font/woff2" if name.endswith(".woff2") else mimetypes.guess_type(name)[0] or "application/octet-stream"
    return data, f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
