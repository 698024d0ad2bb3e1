"""`/--spaceport/client.js`: the JavaScript client in one file, for `<script type="module">` of any page."""

from __future__ import annotations

import asyncio
import functools
import hashlib
from pathlib import Path

from spaceport.api.exchange import HttpExchange
from spaceport.errors import NotFound

PATH = "/--spaceport/client.js"
KIND = "text/javascript; charset=utf-8"


async def client_js(request: HttpExchange) -> None:
    data, tag = await asyncio.to_thread(script)
    headers = [(b"etag", tag.encode()), (b"cache-control", b"public, max-age=3600")]
    if request.header(b"if-none-match") == tag:
        await request.reply(304, b"", headers=headers)
        return
    await request.reply(200, data, KIND.encode(), headers)


@functools.cache
def script() -> tuple[bytes, str]:
    """The file and its ETag. Raises `NotFound` where it was not built."""
    try:
        data = (Path(__file__).parent / "assets" / "client.js").read_bytes()
    except OSError:
        raise NotFound("This server comes without the JavaScript client: build it with `make js`.") from None
    return data, f'"{hashlib.sha256(data).hexdigest()[:16]}"'
