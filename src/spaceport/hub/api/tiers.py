"""Routes about tiers: what each may use."""

from __future__ import annotations

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.audited import note
from spaceport.hub.api.bodies import json_object
from spaceport.hub.api.request import hub_of, in_thread
from spaceport.hub.identity.tiers import LIMITS


async def listing(request: Request) -> Response:
    """`GET /api/tiers`."""
    return JSONResponse([asdict(tier) for tier in hub_of(request).tiers.all().values()])


async def change(request: Request) -> Response:
    """`PUT /api/tiers/{tier}`: any of `LIMITS`; counts from the next request on."""
    values, hub, name = await json_object(request), hub_of(request), request.path_params["tier"]
    note(request, ", ".join(f"{key} {values[key]}" for key in LIMITS if key in values))
    return JSONResponse(asdict(await in_thread(lambda: hub.tiers.change(name, values))))


async def reset(request: Request) -> Response:
    """`DELETE /api/tiers/{tier}`: it is as it came, or is gone; its accounts are then `free`."""
    hub, name = hub_of(request), request.path_params["tier"]
    await in_thread(lambda: hub.tiers.reset(name))
    return JSONResponse({})
