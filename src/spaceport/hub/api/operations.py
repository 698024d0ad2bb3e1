"""For operators: is the hub alive, does it take calls, what does it count."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import SpaceUnavailable
from spaceport.hub.api.request import fleet_of, queues_of

_METRICS = "text/plain; version=0.0.4; charset=utf-8"


async def healthz(_request: Request) -> Response:
    """`GET /healthz`: the process answers."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """`GET /readyz`: the hub takes calls. Raises `SpaceUnavailable` while it stops."""
    if fleet_of(request).stopping:
        raise SpaceUnavailable("The hub is stopping and takes no new calls.", 5)
    return JSONResponse({"status": "ready"})


async def metrics(request: Request) -> Response:
    """`GET /metrics`: of all Spaces, in Prometheus' text format."""
    return Response(queues_of(request).metrics.page(), media_type=_METRICS)
