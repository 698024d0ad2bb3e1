"""What a browser gets from a Space that does not answer: a page while it starts, another one when it cannot run."""

from __future__ import annotations

import asyncio
from pathlib import Path

from spaceport.errors import SpaceUnavailable
from spaceport.hub.gateway.addresses import Target
from spaceport.hub.gateway.exchange import ProxiedRequest
from spaceport.hub.gateway.pages import HEADERS, unavailable_page, waking_page
from spaceport.hub.identity.access import may_change
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.spaces.paths import SpacePaths

_PATIENCE_S = 0.3
"""A Space that is ready within this time answers at once, without the page in between."""
_LOG_BYTES = 8192


async def show_waking_page(fleet: Fleet, data: Path, hub: str, request: ProxiedRequest, target: Target) -> bool:
    """Start the Space, and send the page to a browser that would have to wait. Returns whether it was sent."""
    if not request.wants_page:
        return False
    runtime = fleet.of(target.space)
    replica = asyncio.ensure_future(runtime.acquire())
    if (await asyncio.wait([replica], timeout=_PATIENCE_S))[0]:
        replica.result()
        return False
    replica.cancel()
    stage = runtime.stage()[0] or "SLEEPING"
    log = await _log(data, target, stage) if stage.endswith("BUILDING") else ""
    page = waking_page(target.space.full_name, stage, _page_of(hub, target), log)
    await request.send_page(503, page, [*HEADERS, (b"retry-after", b"2")])
    return True


async def show_unavailable_page(
    fleet: Fleet, data: Path, hub: str, request: ProxiedRequest, target: Target, error: SpaceUnavailable
) -> None:
    """Send a page that says why the Space cannot run, with the end of its log for those who may read that."""
    stage = fleet.of(target.space).stage()[0] or "STOPPED"
    log = await _log(data, target, stage)
    page = unavailable_page(target.space.full_name, error.message, stage, _page_of(hub, target), log)
    await request.send_page(error.status, page, [*HEADERS, (b"retry-after", b"%d" % max(1, error.retry_after_s or 1))])


def _page_of(hub: str, target: Target) -> str:
    """The hub's page of the Space; `hub`: the hub's address, empty where it is not known."""
    return f"{hub}/spaces/{target.space.full_name}" if hub else ""


async def _log(data: Path, target: Target, stage: str) -> str:
    """The end of the log that says why the Space is in a stage; empty for callers who may not read it."""
    if not may_change(target.identity, target.space):
        return ""
    paths = SpacePaths(data / target.space.folder)
    build = "BUILD" in stage
    return await asyncio.to_thread(_tail, paths.build_log if build else paths.run_log)


def _tail(path: Path) -> str:
    """The last lines of a log. Blocks."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            start = max(0, file.tell() - _LOG_BYTES)
            file.seek(start)
            data = file.read(_LOG_BYTES)
    except OSError:
        return ""
    if start:
        data = data.partition(b"\n")[2]
    return data.decode("utf-8", "replace")
