"""Whether and where a Space's app runs; starting and stopping it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.bodies import json_object
from spaceport.hub.api.request import app_addresses, fleet_of, hub_of, in_thread, space_of
from spaceport.hub.hfapi.describe import Describer
from spaceport.hub.runtime.space_runtime import SpaceRuntime


async def runtime(request: Request) -> Response:
    """`GET …/runtime`."""
    return await _shown(request)


async def host(request: Request) -> Response:
    """`GET …/host`: the address of its app."""
    space = space_of(request)
    return JSONResponse({"host": app_addresses(request)(space), "subdomain": space.subdomain})


async def restart(request: Request) -> Response:
    """`POST …/restart`: stop its replicas and start new ones, at once."""
    return await _after(request, SpaceRuntime.restart)


async def pause(request: Request) -> Response:
    """`POST …/pause`: stop it until a restart."""
    return await _after(request, SpaceRuntime.pause)


async def sleep_time(request: Request) -> Response:
    """`POST …/sleeptime`: the seconds without a request after which it sleeps, -1 for never."""
    space = space_of(request)
    hub_of(request).spaces.set_sleep(space, seconds_of((await json_object(request)).get("seconds")))
    fleet_of(request).of(space).sleep_time_changed()
    return await _shown(request)


def seconds_of(value: Any) -> float:
    """Raises `InvalidInput` for what is no time to sleep after."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not (value == -1 or 0 < value < 1e9):
        raise InvalidInput("`seconds` must be a number above 0, or -1 for never.")
    return float(value)


async def _after(request: Request, change: Callable[[SpaceRuntime], Awaitable[None]]) -> Response:
    await change(fleet_of(request).of(space_of(request)))
    return await _shown(request)


async def _shown(request: Request) -> Response:
    space = space_of(request)
    return JSONResponse(await in_thread(lambda: Describer(request).runtime(space)))
