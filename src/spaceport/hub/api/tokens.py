"""Routes about the caller's tokens, and the log of what was done with them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.audited import note
from spaceport.hub.api.bodies import json_object, text_of
from spaceport.hub.api.request import hub_of, in_thread, user_of
from spaceport.store.hub.ports import Owner, Token

_DAY_S = 86_400.0


async def listing(request: Request) -> Response:
    """`GET /api/tokens`: without their secrets."""
    hub, user = hub_of(request), user_of(request)
    found = await in_thread(lambda: [_described(one, hub.tokens.scopes_of(one)) for one in hub.tokens.of(user)])
    return JSONResponse(found)


async def add(request: Request) -> Response:
    """`POST /api/tokens`: `name`, `role`, and if need be `days` and `scopes`. The token is shown once."""
    values = await json_object(request)
    days, scopes = values.get("days"), values.get("scopes", [])
    if days is not None and (isinstance(days, bool) or not isinstance(days, (int, float)) or abs(days) > 1e9):
        raise InvalidInput("`days` must be a number, and not a huge one.")
    if not isinstance(scopes, list) or not all(isinstance(one, str) for one in scopes):
        raise InvalidInput("`scopes` must be a list of texts like ann/app:call.")
    name, role = text_of(values, "name"), text_of(values, "role", "read")
    secret = await make(request, name, role, None if days is None else float(days), scopes)
    return JSONResponse({"name": name, "token": secret}, 201)


async def revoke(request: Request) -> Response:
    """`DELETE /api/tokens/{id}`: it ends at once, and so do streams that it has opened, within 5 s."""
    await remove(request, request.path_params["id"])
    return JSONResponse({})


async def log(request: Request) -> Response:
    """`GET /api/account/log`: what was done with the caller's tokens and browsers (`credential`: with one)."""
    return await _log_of(request, user_of(request))


async def log_of_user(request: Request) -> Response:
    """`GET /api/users/{user}/log`: the same of another user. Raises `NotFound`."""
    return await _log_of(request, hub_of(request).accounts.get_user(request.path_params["owner"]))


async def _log_of(request: Request, user: Owner) -> Response:
    hub, credential = hub_of(request), request.query_params.get("credential")
    found = await in_thread(lambda: hub.audit.of(user, limit=1000, credential=credential))
    return JSONResponse(
        [
            {
                "at": one.at,
                "credential": one.credential,
                "action": one.action,
                "status": one.status,
                "address": one.address,
            }
            for one in found
        ]
    )


async def make(request: Request, name: str, role: str, days: float | None, scopes: list[str]) -> str:
    """Make a token; its secret. Raises as `Tokens.mint` does."""
    hub, user = hub_of(request), user_of(request)
    note(request, f"token {name}, {' '.join(scopes) or role}")
    ttl_s = None if days is None else days * _DAY_S
    return await in_thread(lambda: hub.tokens.mint(user.name, name, role, ttl_s, scopes))


async def remove(request: Request, number: str) -> None:
    """Revoke a token by its id. Raises `NotFound`."""
    hub, user = hub_of(request), user_of(request)
    names = {str(one.id): one.name for one in await in_thread(lambda: hub.tokens.of(user))}
    note(request, f"token {names.get(number, '')}")
    await in_thread(lambda: hub.tokens.revoke(user.name, names.get(number, "")))


def _described(token: Token, scopes: list[str]) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "shown": token.shown,
        "role": token.role,
        "scopes": scopes,
        "createdAt": token.created_at,
        "expiresAt": token.expires_at,
        "usedAt": token.used_at,
        "usedFrom": token.address,
    }
