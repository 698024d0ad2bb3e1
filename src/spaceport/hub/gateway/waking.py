"""The page that a browser sees while a Space starts; it reloads itself until the app answers."""

from __future__ import annotations

import asyncio
from html import escape

from spaceport.hub.gateway.exchange import ProxiedRequest
from spaceport.hub.runtime.fleet import Fleet
from spaceport.store.hub.ports import SpaceRow

_PATIENCE_S = 0.3
"""A Space that is ready within this time answers at once, without the page in between."""
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>{name}</title>
<style>body{{font:16px system-ui;display:grid;place-items:center;min-height:90vh;color:#444}}</style>
<p role="status"><b>{name}</b> is waking up ({stage}). This page goes on by itself.</p></html>"""


async def show_waking_page(fleet: Fleet, request: ProxiedRequest, space: SpaceRow) -> bool:
    """Start the Space, and send the page to a browser that would have to wait. Returns whether it was sent."""
    if request.scope["method"] != "GET" or b"text/html" not in request.headers.get(b"accept", b""):
        return False
    replica = asyncio.ensure_future(fleet.of(space).acquire())
    if (await asyncio.wait([replica], timeout=_PATIENCE_S))[0]:
        replica.result()
        return False
    replica.cancel()
    stage = fleet.of(space).stage()[0] or "SLEEPING"
    await request.start(503, [(b"content-type", b"text/html; charset=utf-8"), (b"retry-after", b"2")])
    await request.write(_PAGE.format(name=escape(space.full_name), stage=stage).encode())
    await request.end()
    return True
