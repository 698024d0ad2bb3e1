"""`whoami-v2`: whose token it is."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import Unauthenticated
from spaceport.hub.api.request import identity_of


async def whoami(request: Request) -> Response:
    """`GET /api/whoami-v2`. Raises `Unauthenticated` without a token."""
    identity = identity_of(request)
    owner, token = identity.owner, identity.token
    if owner is None or token is None:
        raise Unauthenticated("Invalid credentials in Authorization header")
    return JSONResponse(
        {
            "type": "user",
            "id": str(owner.id),
            "name": owner.name,
            "fullname": owner.name,
            "isPro": identity.tier.name == "pro",
            "orgs": [],
            "auth": {"type": "access_token", "accessToken": {"displayName": token.name, "role": token.role}},
        }
    )
