"""Routes about who may see a private Space beside its owner."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.request import hub_of, in_thread, origin_of, space_of


async def guests(request: Request) -> Response:
    """`GET …/guests`: users and organizations, and whether there is a link."""
    hub, space = hub_of(request), space_of(request)
    found = await in_thread(lambda: (hub.sharing.guests(space), hub.sharing.has_link(space)))
    return JSONResponse({"guests": found[0], "link": found[1]})


async def add_guest(request: Request) -> Response:
    """`PUT …/guests/{guest}`."""
    hub, space, name = hub_of(request), space_of(request), request.path_params["guest"]
    await in_thread(lambda: hub.sharing.add_guest(space, name))
    return JSONResponse({"guest": name})


async def remove_guest(request: Request) -> Response:
    """`DELETE …/guests/{guest}`."""
    hub, space, name = hub_of(request), space_of(request), request.path_params["guest"]
    await in_thread(lambda: hub.sharing.remove_guest(space, name))
    return JSONResponse({})


async def make_link(request: Request) -> Response:
    """`POST …/link`: with it anyone may see and call the Space. It is shown once, and an earlier one ends."""
    hub, space = hub_of(request), space_of(request)
    secret = await in_thread(lambda: hub.sharing.make_link(space))
    return JSONResponse({"link": f"{origin_of(request)}/shared/{secret}"}, 201)


async def end_link(request: Request) -> Response:
    """`DELETE …/link`: visits with it end at their next request."""
    hub, space = hub_of(request), space_of(request)
    await in_thread(lambda: hub.sharing.end_link(space))
    return JSONResponse({})
