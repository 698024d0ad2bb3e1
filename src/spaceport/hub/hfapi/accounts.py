"""`whoami-v2`: whose token it is; users and organizations as Hugging Face's client reads them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.request import hub_of, identity_of, in_thread, organization_of, user_of
from spaceport.hub.identity.caller import Identity
from spaceport.hub.runtime.logs import stamp
from spaceport.store.hub.organization_ports import Membership
from spaceport.store.hub.ports import Owner, Token


async def whoami(request: Request) -> Response:
    """`GET /api/whoami-v2`. Raises `Unauthenticated` for nobody."""
    identity, user = identity_of(request), user_of(request)
    hub, token = hub_of(request), identity.token
    joined = await in_thread(lambda: hub.organizations.of(user))
    scopes = [] if token is None else await in_thread(lambda: hub.tokens.scopes_of(token))
    return JSONResponse(
        {
            "type": "user",
            "id": str(user.id),
            "name": user.name,
            "fullname": user.name,
            "isAdmin": user.admin and (identity.application is None or identity.scopes is None),
            "isPro": identity.tier.name == "pro",
            "orgs": [{**_joined(one), "roleInOrg": one.role} for one in joined],
            "auth": _auth(identity, scopes),
        }
    )


def _auth(identity: Identity, scopes: list[str]) -> dict[str, Any]:
    if identity.application is not None:
        until, given = identity.application.expires_at, list(identity.application.scopes)
        return {"type": "oauth", "expiresAt": stamp(until), "scopes": given}
    return {"type": "session"} if identity.token is None else _token(identity.token, scopes)


def _token(token: Token, scopes: list[str]) -> dict[str, Any]:
    about: dict[str, Any] = {"displayName": token.name, "role": token.role, "createdAt": stamp(token.created_at)}
    if scopes:
        about["fineGrained"] = {"global": [], "scoped": [_scope(one) for one in scopes]}
    return {"type": "access_token", "accessToken": about}


def _scope(text: str) -> dict[str, Any]:
    """As the Hub describes one: an entity, and what is permitted there."""
    name, _, right = text.rpartition(":")
    return {"entity": {"type": "space" if "/" in name else "user", "name": name}, "permissions": [right]}


async def user_overview(request: Request) -> Response:
    """`GET /api/users/{user}/overview`. Raises `NotFound`."""
    hub = hub_of(request)
    user = hub.accounts.get_user(request.path_params["owner"])
    joined = await in_thread(lambda: hub.organizations.of(user))
    return JSONResponse({**_user(user), "orgs": [_joined(one) for one in joined]})


async def organization_overview(request: Request) -> Response:
    """`GET /api/organizations/{organization}/overview`. Raises `NotFound`."""
    hub = hub_of(request)
    organization = hub.accounts.get_organization(request.path_params["owner"])
    members = await in_thread(lambda: hub.organizations.members(organization))
    return JSONResponse(
        {"name": organization.name, "fullname": organization.name, "avatarUrl": "", "numUsers": len(members)}
    )


async def members(request: Request) -> Response:
    """`GET /api/organizations/{organization}/members`: with their roles."""
    hub, organization = hub_of(request), organization_of(request)
    found = await in_thread(lambda: hub.organizations.members(organization))
    return JSONResponse(
        [{**_user(hub.accounts.get_account(one.user)), "role": one.role, "since": stamp(one.since)} for one in found]
    )


def _user(user: Owner) -> dict[str, Any]:
    return {"user": user.name, "fullname": user.name, "avatarUrl": "", "isPro": user.tier == "pro", "type": "user"}


def _joined(one: Membership) -> dict[str, Any]:
    return {"type": "org", "id": str(one.organization), "name": one.name, "fullname": one.name, "avatarUrl": ""}
