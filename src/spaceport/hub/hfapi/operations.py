"""For operators: is the hub alive, does it take calls, what does it count."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.api.scripts import KIND, script
from spaceport.errors import Forbidden, SpaceUnavailable
from spaceport.hub.hfapi.answers import fleet_of, identity_of, queues_of

_METRICS = "text/plain; version=0.0.4; charset=utf-8"


async def healthz(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Raises `SpaceUnavailable` while it stops."""
    if fleet_of(request).stopping:
        raise SpaceUnavailable("The hub is stopping and takes no new calls.", 5)
    return JSONResponse({"status": "ready"})


async def client_js(request: Request) -> Response:
    data, tag = script()
    headers = {"etag": tag, "cache-control": "public, max-age=3600"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=KIND)


async def metrics(request: Request) -> Response:
    """Of all Spaces; raises `Forbidden` for who is no admin."""
    owner = identity_of(request).owner
    if owner is None or not owner.admin:
        raise Forbidden("Metrics are for admins: send a token of one's, Authorization: Bearer hf_\u2026")
    return Response(queues_of(request).metrics.page(), media_type=_METRICS)
