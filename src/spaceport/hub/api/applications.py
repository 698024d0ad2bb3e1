"""Routes about the applications that the caller has allowed to act for them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.invitations import number_of
from spaceport.hub.api.request import hub_of, in_thread, user_of
from spaceport.hub.identity.oauth_scopes import EVERYTHING, SCOPES, split
from spaceport.hub.state import Hub
from spaceport.store.hub.application_ports import Grant


async def listing(request: Request) -> Response:
    """`GET /api/applications`: newest first."""
    hub, user = hub_of(request), user_of(request)
    return JSONResponse(await in_thread(lambda: [_described(hub, one) for one in hub.applications.of(user)]))


async def revoke(request: Request) -> Response:
    """`DELETE /api/applications/{id}`: its tokens end at once, and it has to ask again."""
    hub, user, number = hub_of(request), user_of(request), number_of(request.path_params["id"])
    await in_thread(lambda: hub.applications.revoke(user, number))
    return JSONResponse({})


def _described(hub: Hub, grant: Grant) -> dict[str, Any]:
    scopes = split(grant.scopes)
    return {
        "id": grant.id,
        "name": hub.applications.name_of(grant),
        "kind": "program" if grant.space is None else "space",
        "scopes": list(scopes),
        "may": [EVERYTHING] if grant.space is None else [SCOPES[one] for one in scopes if one in SCOPES],
        "createdAt": grant.created_at,
        "usedAt": grant.used_at,
        "usedFrom": grant.address,
    }
