"""The logs of a Space's build and app, as an event stream that can be followed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from spaceport.errors import NotFound, SpaceportError
from spaceport.hub.api.request import hub_of, space_of
from spaceport.hub.hfapi.auth import identify_caller
from spaceport.hub.identity.access import may_change
from spaceport.hub.runtime.logs import follow
from spaceport.hub.spaces.paths import SpacePaths

_KEEP_ALIVE_S = 15.0
_MAX_FOLLOW_S = 3600.0
_CHECK_ACCESS_S = 15.0
"""How often it is checked that the caller may still read the log."""


async def logs(request: Request) -> Response:
    """`GET …/logs/{run|build}`: all lines so far, then new ones as they come (docs/internals/hub-api.md §2)."""
    layout = SpacePaths(hub_of(request).data / space_of(request).folder)
    which = {"run": layout.run_log, "build": layout.build_log}.get(request.path_params["which"])
    if which is None:
        raise NotFound("A Space has the logs `run` and `build`.")

    async def events() -> AsyncIterator[bytes]:
        begun = sent = checked = time.monotonic()
        async for line in follow(which):
            now = time.monotonic()
            if line is not None:
                sent = now
                yield b"data: " + json.dumps({"data": line[1] + "\n", "timestamp": line[0]}).encode() + b"\n\n"
            elif now - sent > _KEEP_ALIVE_S:
                sent = now
                yield b"data: \n\n"
            if now - checked > _CHECK_ACCESS_S:
                checked = now
                if not _may_follow(request):
                    return
            if now - begun > _MAX_FOLLOW_S:
                return
            if line is None and await request.is_disconnected():
                return
            await asyncio.sleep(0)

    headers = {"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


def _may_follow(request: Request) -> bool:
    """Whether the caller's token or session still counts, and the Space is still the caller's to change."""
    space = space_of(request)
    try:
        found = hub_of(request).spaces.find(space.owner, space.name)
        return found is not None and found.id == space.id and may_change(identify_caller(request), found)
    except SpaceportError:
        return False
